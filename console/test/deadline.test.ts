import { describe, expect, it } from 'vitest'

import { compareUrgency, deadlineOf } from '../src/cases/deadline'
import { at, NOW, summary } from './fixtures'

describe('the deadline of a case', () => {
  it('is calm far from the limit, near within two hours, overdue past it', () => {
    expect(deadlineOf(summary({ due_at: at(121) }), NOW)).toMatchObject({ tone: 'calm', leftS: 121 * 60, of: 'unit' })
    expect(deadlineOf(summary({ due_at: at(119) }), NOW).tone).toBe('near')
    expect(deadlineOf(summary({ due_at: at(-1) }), NOW)).toMatchObject({ tone: 'overdue', leftS: -60 })
  })

  it('believes the hub that it is overdue, whatever this clock says', () => {
    expect(deadlineOf(summary({ due_at: at(5), overdue: true }), NOW).tone).toBe('overdue')
  })

  it('gives the hall a quarter of an hour to route', () => {
    const filed = summary({ state: 'FILED', filed_at: at(-5), routed_at: null, due_at: null })
    expect(deadlineOf(filed, NOW)).toEqual({ tone: 'near', leftS: 600, of: 'hall' })
  })

  it('stands still from feedback until the check is over', () => {
    for (const state of ['FEEDBACK', 'VERIFYING', 'CALLBACK'] as const) {
      expect(deadlineOf(summary({ state, due_at: at(-60) }), NOW)).toMatchObject({ tone: 'stopped', leftS: null })
    }
  })

  it('has no countdown in a joint study or at the end', () => {
    expect(deadlineOf(summary({ state: 'JOINT_STUDY', due_at: null }), NOW).leftS).toBeNull()
    expect(deadlineOf(summary({ state: 'CLOSED' }), NOW)).toMatchObject({ tone: 'ended', leftS: null })
  })
})

it('puts overdue cases first, then the nearest limit, then the graver, and ended ones last', () => {
  const queue = [
    summary({ case_id: 1, state: 'CLOSED', due_at: at(-900) }),
    summary({ case_id: 2, due_at: at(30), severity: 'low' }),
    summary({ case_id: 3, due_at: at(30), severity: 'high' }),
    summary({ case_id: 4, due_at: at(-10), overdue: true }),
    summary({ case_id: 5, state: 'FILED', filed_at: at(-10), due_at: null }),
  ]
  expect(queue.sort(compareUrgency).map((subject) => subject.case_id)).toEqual([4, 5, 3, 2, 1])
})
