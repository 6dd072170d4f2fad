import { expect, it } from 'vitest'

import { rings } from '../src/alarms/rings'
import { compareUrgency } from '../src/cases/deadline'
import { waitsFor } from '../src/cases/queue'
import { alarm, at, summary } from './fixtures'

const ringing = summary({ case_id: 7, state: 'ROUTED', due_at: at(10), alarm: alarm() })
const taken = summary({ case_id: 8, state: 'ROUTED', due_at: at(10), alarm: alarm({ acknowledged_at: at(1), acknowledged_by: 'Li' }) })

it('rings until somebody acknowledges it', () => {
  expect(rings(ringing)).toBe(true)
  expect(rings(taken)).toBe(false)
  expect(rings(summary())).toBe(false)
})

it('puts an alarm that rings before all other cases', () => {
  const queue = [summary({ case_id: 4, due_at: at(-90), overdue: true }), taken, ringing]
  expect(queue.sort(compareUrgency).map((subject) => subject.case_id)).toEqual([7, 4, 8])
})

it('makes an alarm that rings the turn of the hall, and of no unit besides', () => {
  const dispatcher = { operates: true, handles: true, actor: 'user:a' } as const
  expect(waitsFor(dispatcher, ringing)).toBe(true)
  expect(waitsFor(dispatcher, taken)).toBe(false)
  expect(waitsFor({ operates: false, handles: true, actor: 'user:b' }, summary({ state: 'FEEDBACK', alarm: alarm() }))).toBe(false)
})
