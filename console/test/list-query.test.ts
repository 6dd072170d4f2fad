import { expect, it } from 'vitest'

import { asked, narrowedBy, NOTHING, pageOf, wanted, written, type ListQuery } from '../src/cases/list-query'

const FULL: ListQuery = {
  ...NOTHING,
  q: '玉林北路 井盖',
  open: 'false',
  state: ['CLOSED', 'VOID'],
  severity: ['high'],
  unit: 'housing_bureau',
  township: 'town_01',
  item: 'manhole_cover',
  source: 'hotline',
  owner: '-',
  overdue: 'true',
  due_until: '2025-08-09',
  filed_from: '2025-08-01',
  filed_to: '2025-08-07',
  recurrence: 'false',
  sort: 'filed',
  descending: true,
}

it('comes back from an address as it was written there', () => {
  for (const query of [NOTHING, FULL, { ...NOTHING, open: 'void' as const }, { ...NOTHING, open: '' as const }]) {
    expect(asked(written(query))).toEqual(query)
  }
})

it('writes nothing in the address of the plain list', () => {
  expect(written(NOTHING)).toEqual({})
})

it('comes back from a filter that the hub kept', () => {
  expect(asked({ open: 'all', ...(wanted(FULL) as Record<string, unknown>) })).toEqual(FULL)
  expect(asked({ open: 'all', ...(wanted({ ...NOTHING, open: 'void' }) as Record<string, unknown>) }).open).toBe('void')
  expect(asked({ open: 'all', ...(wanted({ ...NOTHING, open: '' }) as Record<string, unknown>) }).open).toBe('')
})

it('asks the hub for nothing that was not chosen, and for one page', () => {
  expect(pageOf(NOTHING, 3, 50)).toEqual({ open: true, limit: 50, offset: 100 })
})

it('takes no nonsense from an address', () => {
  expect(asked({ overdue: 'maybe', severity: [null], sort: ['x', 'y'] as unknown, open: '7' })).toEqual({ ...NOTHING, sort: 'x' })
})

it('counts what a list is narrowed by', () => {
  expect(narrowedBy(NOTHING)).toBe(0)
  expect(narrowedBy({ ...NOTHING, q: 'a', open: '', severity: ['high'], unit: 'x' })).toBe(2)
})
