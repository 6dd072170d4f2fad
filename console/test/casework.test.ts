import { describe, expect, it } from 'vitest'

import type { CaseRequest } from '../src/api/types'
import { asksFor, verbsFor, wasLate } from '../src/cases/casework'
import { formsFor } from '../src/cases/transitions'
import { detail } from './fixtures'

const request = (given: Partial<CaseRequest> = {}): CaseRequest => ({
  approval_id: '1-3',
  kind: 'extension',
  asked_by: 'user:handler',
  asked_by_name: 'Handler',
  asked_at: '2025-08-07T07:19:00Z',
  reason: 'no spare part',
  until: null,
  ...given,
})

describe('what a unit may ask for', () => {
  const askable = ['extension', 'suspension', 'appeal', 'void'] as const

  it('is what makes sense now', () => {
    expect(asksFor(detail({ askable: [...askable] }))).toEqual(['extension', 'suspension'])
    expect(asksFor(detail({ askable: [...askable], overdue: true, overdue_at: '2025-08-07T07:19:00Z' }))).toEqual(['suspension', 'appeal'])
    expect(asksFor(detail({ askable: [...askable], extensions: 2, suspended_at: '2025-08-07T07:19:00Z' }))).toEqual([])
    expect(asksFor(detail({ askable: [] }))).toEqual([])
  })

  it('is an appeal if the repair was fed back after the deadline', () => {
    expect(wasLate(detail({ due_at: '2025-08-07T07:19:00Z', feedback_at: '2025-08-07T07:20:00Z' }))).toBe(true)
    expect(wasLate(detail({ due_at: '2025-08-07T07:19:00Z', feedback_at: '2025-08-07T07:18:00Z' }))).toBe(false)
  })
})

describe('what a person may do with a request', () => {
  it('is to withdraw their own, and to decide about others’ if the hub allows it', () => {
    expect(verbsFor(request(), detail(), 'user:handler')).toEqual(['withdraw'])
    expect(verbsFor(request(), detail({ allowed: ['extend'] }), 'user:boss')).toEqual(['grant', 'refuse'])
    expect(verbsFor(request(), detail({ allowed: ['void'] }), 'user:seat')).toEqual([])
  })

  it('is to decide where it is shown, not by a form beside it', () => {
    const events = (requests: CaseRequest[]): string[] => formsFor(detail({ state: 'HANDLING', allowed: ['extend', 'suspend'], requests })).map((form) => form.event)
    expect(events([])).toEqual(['extend', 'suspend'])
    expect(events([request()])).toEqual(['suspend'])
  })
})

describe('the steps of a staged limit', () => {
  const allowed = ['step_done', 'feedback'] as const
  const steps = ['fence', 'repair'].map((step_key) => ({ step_key })) as ReturnType<typeof detail>['steps']

  it('are reported as done, and the last one is fed back', () => {
    const events = (step: number | null): string[] => formsFor(detail({ state: 'HANDLING', allowed: [...allowed], step, steps })).map((form) => form.event)
    expect(events(0)).toEqual(['step_done'])
    expect(events(1)).toEqual(['feedback'])
    expect(events(null)).toEqual(['feedback'])
  })
})
