import type { AccountPlace, AccountRow } from '../api/accounts'
import type { Role } from '../api/types'

export const ROLES: readonly Role[] = ['seat_operator', 'dispatcher', 'supervisor', 'unit_handler', 'viewer', 'auditor', 'admin']
export const SCOPES = ['district', 'territory', 'unit'] as const

/** A role and a scope as they are typed; `key` is the unit's or territory's. */
export interface PlaceDraft {
  role: Role
  kind: (typeof SCOPES)[number]
  key: string
}

export const FIRST_PLACE: PlaceDraft = { role: 'seat_operator', kind: 'district', key: '' }

export function placeOf(account: Pick<AccountRow, 'role' | 'scope'>): PlaceDraft {
  const [kind, key = ''] = account.scope.split(':')
  return { role: account.role, kind: kind as PlaceDraft['kind'], key }
}

/** As the hub takes it; null while the unit is missing. */
export function asPlace({ role, kind, key }: PlaceDraft): AccountPlace | null {
  if (kind === 'district') return { role, scope: 'district' }
  if (!key) return null
  return { role, scope: `${kind}:${key}`, unit_key: role === 'unit_handler' ? key : null }
}

const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789'

/** A password that nobody guesses, in groups that can be read out. */
export function newPassword(): string {
  const numbers = crypto.getRandomValues(new Uint32Array(16))
  const letters = [...numbers].map((number) => LETTERS[number % LETTERS.length])
  return [0, 4, 8, 12].map((start) => letters.slice(start, start + 4).join('')).join('-')
}
