import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import type { Hub } from '../src/api/hub'
import type { CasePage, CaseQuery } from '../src/api/types'
import { NOTHING } from '../src/cases/list-query'
import { QueueList } from '../src/state/queue'
import { at, summary } from './fixtures'

const asked: CaseQuery[] = []
let all = 250

function hub(): Hub {
  const cases = (query: CaseQuery): Promise<CasePage> => {
    asked.push(query)
    const begin = query.offset ?? 0
    const items = Array.from({ length: Math.min(query.limit ?? 50, Math.max(0, all - begin)) }, (_, n) => summary({ case_id: begin + n + 1 }))
    return Promise.resolve({ items, next_before: null, total: all, total_is_exact: true })
  }
  return { desk: { cases } } as unknown as Hub
}

beforeEach(() => {
  asked.length = 0
  all = 250
  vi.useFakeTimers()
})
afterEach(() => void vi.useRealTimers())

const change = { journal_id: 1, at: at(0), subject: 'case', subject_id: '1', kind: 'moved', data: {} } as const

it('asks the hub for nothing while nothing is asked', async () => {
  const list = new QueueList(hub())
  list.heard(change)
  await vi.runAllTimersAsync()
  expect([list.active, asked.length]).toEqual([false, 0])
})

it('asks for what is wanted once the typing rests, and goes on page by page', async () => {
  const list = new QueueList(hub())
  for (const q of ['玉', '玉林']) list.ask({ ...NOTHING, q, severity: ['high'] })
  await vi.runAllTimersAsync()
  expect(asked).toEqual([{ q: '玉林', severity: ['high'], open: true, limit: 100, offset: 0 }])
  expect([list.view.rows.length, list.view.total, list.more]).toEqual([100, 250, true])
  await list.next()
  await list.next()
  expect([list.view.rows.length, list.more]).toEqual([250, false])
})

it('keeps the filter and what was loaded when a case changes', async () => {
  const list = new QueueList(hub())
  list.ask({ ...NOTHING, overdue: 'true' })
  await vi.runAllTimersAsync()
  await list.next()
  all = 150
  list.heard(change)
  list.heard(change)
  await vi.runAllTimersAsync()
  expect([list.view.query.overdue, list.view.rows.length, list.view.total]).toEqual(['true', 150, 150])
})

it('goes on after the most urgent cases, and back to them', async () => {
  const list = new QueueList(hub())
  await list.next(200)
  expect([list.active, list.view.rows.length]).toEqual([true, 250])
  list.ask({ ...NOTHING })
  expect([list.active, list.view.rows.length]).toEqual([false, 0])
})
