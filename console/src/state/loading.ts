import { Refused } from '../api/http'

/** How a piece of the screen came by its data. */
export type Loading =
  /** Not asked for yet. */
  | { name: 'never' }
  /** Asked for; `again` when older data is still shown. */
  | { name: 'loading'; again: boolean }
  /** Read at `at` (ms, local clock). */
  | { name: 'loaded'; at: number }
  /** The last reading failed; what is shown may be old. */
  | { name: 'failed'; error: unknown }

export function loading(before: Loading): Loading {
  return { name: 'loading', again: before.name === 'loaded' || (before.name === 'loading' && before.again) }
}

export function loaded(): Loading {
  return { name: 'loaded', at: Date.now() }
}

export function failed(error: unknown): Loading {
  return { name: 'failed', error }
}

/** Whether the same question may be answered later. */
export function mayHeal(error: unknown): boolean {
  return !(error instanceof Refused) || error.status >= 500
}
