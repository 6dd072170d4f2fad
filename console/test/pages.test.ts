import { readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'
import type { RouteRecordRaw } from 'vue-router'

import { ADMIN_PAGES } from '../src/admin/pages'
import { ROUTES } from '../src/router'
import { SUPERVISION_PAGES } from '../src/supervision/pages'

/** What each page reads from the hub before it shows anything. */
const READS: Record<string, readonly string[]> = {
  dispatch: ['/api/cases'],
  waiting: ['/api/signals/waiting'],
  cases: ['/api/cases'],
  case: ['/api/cases/{case_id}'],
  devices: ['/api/devices'],
  unitLetters: ['/api/letters'],
  approvals: ['/api/approvals'],
  studies: ['/api/studies', '/api/proposals'],
  ladder: ['/api/ladder', '/api/ladder/cases', '/api/ladder/notices', '/api/ladder/versions'],
  letters: ['/api/letters'],
  lists: ['/api/matters', '/api/weekly-lists'],
  digest: ['/api/digests/{day}'],
  indicators: ['/api/indicators', '/api/indicators/publications'],
  scores: ['/api/indicators/sheets', '/api/indicators/scores'],
  quality: ['/api/quality', '/api/quality/modes', '/api/quality/policies', '/api/quality/policies/history'],
  points: ['/api/points', '/api/points/periods', '/api/points/findings'],
  catalogue: ['/api/catalogue', '/api/catalogue/versions'],
  'catalogue-import': ['/api/catalogue/mappings', '/api/units'],
  calendar: ['/api/calendar'],
  people: ['/api/people', '/api/units', '/api/devices'],
  accounts: ['/api/accounts'],
  audit: ['/api/audit/reads'],
}
/** Pages that anybody sees, or that lead to others. */
const OPEN = ['login', 'password', 'home', 'supervision', 'admin', 'not-found']

const table = readFileSync(new URL('../../hub/web/routes.yaml', import.meta.url), 'utf8')

/** The roles that a name of the route table stands for. */
function rolesOf(names: string): string[] {
  return names.split(' or ').flatMap((name) => {
    const row = new RegExp(`^  ${name.trim()}: \\[(.*)\\]`, 'm').exec(table)
    if (!row) throw new Error(`the route table knows nobody called ${name}`)
    return row[1]!.split(', ')
  })
}

function rolesThatRead(path: string): string[] {
  const row = new RegExp(`route: "?GET ${path.replace(/[{}]/g, '\\$&')}"?, roles: ([a-z ]+),`).exec(table)
  if (!row) throw new Error(`the route table has no GET ${path}`)
  return rolesOf(row[1]!)
}

function pagesOf(routes: readonly RouteRecordRaw[], inherited?: string | readonly string[]): { name: string; roles: string[] }[] {
  return routes.flatMap((route) => {
    const right = route.meta?.right ?? inherited
    const own = { name: String(route.name), roles: right ? [...new Set([right].flat().flatMap(rolesOf))] : [] }
    return [own, ...pagesOf(route.children ?? [], right)]
  })
}

const pages = pagesOf(ROUTES)

describe('the pages of each role', () => {
  it.each(pages.filter(({ name }) => !OPEN.includes(name)))('$name is shown to nobody whom the hub refuses', ({ name, roles }) => {
    expect(roles).not.toEqual([])
    for (const path of READS[name] ?? []) expect(rolesThatRead(path)).toEqual(expect.arrayContaining(roles))
  })

  it('has each page in the list of what pages read', () => {
    expect(pages.map(({ name }) => name).filter((name) => !OPEN.includes(name)).sort()).toEqual(Object.keys(READS).sort())
  })

  it('has a tab for each page under 督办 and 管理', () => {
    const under = (name: string) => (ROUTES.find((route) => route.name === name)?.children ?? []).map((route) => route.name)
    expect([...SUPERVISION_PAGES].sort()).toEqual(under('supervision').sort())
    expect([...ADMIN_PAGES].sort()).toEqual(under('admin').sort())
  })
})
