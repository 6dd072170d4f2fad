import { describe, expect, it } from 'vitest'

import type { CaseEvent, JournalEvent } from '../src/api/types'
import { alreadySent } from '../src/commands/second'
import { stepsOf } from '../src/commands/steps'
import { neighbour, nextWaiting, partOf, waitsFor } from '../src/cases/queue'
import { formsFor, missingFields } from '../src/cases/transitions'
import { casesOf, upsert } from '../src/state/cases'
import { applyMove } from '../src/state/devices'
import { at, detail, NOW, summary, terminal } from './fixtures'

function event(given: Partial<JournalEvent>): JournalEvent {
  return { journal_id: 1, at: at(0), subject: 'case', subject_id: '1', kind: 'moved', data: {}, ...given }
}

function move(given: { minutes: number; lon: number }) {
  const { minutes, lon } = given
  return {
    device_id: 'T-0001',
    lon,
    lat: 25.6,
    heading: 10,
    speed: 1,
    battery: 50,
    presence: 'online' as const,
    observed_at: at(minutes),
    received_at: at(minutes),
  }
}

describe('a moved terminal', () => {
  it('goes to the newer position', () => {
    expect(applyMove(terminal(), move({ minutes: 1, lon: 104 })).position?.lon).toBe(104)
  })

  it('is not pulled back by a position that was late', () => {
    const after = applyMove(terminal(), move({ minutes: -1, lon: 104 }))
    expect(after.position?.lon).toBe(103.82)
    expect(after.battery).toBe(80)
    expect(after.last_seen_at).toBe(at(0))
  })
})

describe('the queue', () => {
  const known = new Map([[1, summary({ version: 3 })]])

  it('takes what is newer or as new, and nothing older', () => {
    expect(upsert(known, summary({ version: 4, severity: 'low' })).get(1)?.severity).toBe('low')
    expect(upsert(known, summary({ version: 3, signal_count: 9 })).get(1)?.signal_count).toBe(9)
    expect(upsert(known, summary({ version: 2, severity: 'low' }))).toBe(known)
  })

  it('lets go of a case that has ended', () => {
    expect(upsert(known, summary({ version: 4, state: 'CLOSED' })).size).toBe(0)
  })

  it('is walked by keys without running over its ends', () => {
    const queue = [summary({ case_id: 1 }), summary({ case_id: 2 })]
    expect(neighbour(queue, null, 1)).toBe(1)
    expect(neighbour(queue, 1, 1)).toBe(2)
    expect(neighbour(queue, 2, 1)).toBe(2)
    expect(neighbour(queue, 1, -1)).toBe(1)
    expect(neighbour([], 1, 1)).toBeNull()
  })

  it('finds what waits for the hall, going round', () => {
    const queue = [summary({ case_id: 1, state: 'VERIFYING' }), summary({ case_id: 2 }), summary({ case_id: 3 })]
    expect(nextWaiting(queue, 2, { operates: true, handles: true, actor: 'user:me' })).toBe(1)
    expect(nextWaiting(queue, 2, { operates: false, handles: true, actor: 'user:me' })).toBe(3)
  })
})

describe('a row of the journal', () => {
  it('is about the case that it names, directly or in its data', () => {
    expect(casesOf(event({ subject_id: '7' }), null)).toEqual([7])
    expect(casesOf(event({ subject: 'command', subject_id: 'x', data: { case_id: 8 } }), null)).toEqual([8])
  })

  it('is about the open case when that holds its command or session', () => {
    const session = {
      session_id: 's1',
      device_id: 'T-0001',
      case_id: 1,
      reason: 'case',
      state: 'live' as const,
      command_id: null,
      created_at: at(0),
      live_at: null,
      ended_at: null,
      ends_at: at(10),
      ended_reason: null,
      viewers: 0,
    }
    const held = detail({ videos: [session] })
    expect(casesOf(event({ subject: 'video', subject_id: 's1', data: {} }), held)).toEqual([1])
    expect(casesOf(event({ subject: 'video', subject_id: 's2', data: {} }), held)).toEqual([])
    expect(casesOf(event({ subject: 'device', subject_id: 'T-0001' }), held)).toEqual([])
  })
})

describe('the way of a command', () => {
  const history = (...states: ('created' | 'sent' | 'delivered' | 'no_answer' | 'in_progress')[]) =>
    states.map((state) => ({ state, at: at(0), device_at: null, rev: null, reason: null, counted: true }))

  it('marks what was reached, where it is and what is still to come', () => {
    const steps = stepsOf({ state: 'delivered', history: history('created', 'sent', 'delivered') })
    expect(steps.map((step) => step.mark)).toEqual(['done', 'skipped', 'done', 'now', 'todo', 'todo', 'todo'])
  })

  it('leaves out answers that came too late to count', () => {
    const late = { state: 'in_progress' as const, at: at(1), device_at: null, rev: 3, reason: null, counted: false }
    const steps = stepsOf({ state: 'no_answer', history: [...history('created', 'delivered', 'no_answer'), late] })
    expect(steps.map((step) => step.state)).toEqual(['created', 'delivered', 'no_answer'])
  })

  it('ends where it broke off', () => {
    const steps = stepsOf({ state: 'no_answer', history: history('created', 'sent', 'delivered', 'no_answer') })
    expect(steps.at(-1)).toMatchObject({ state: 'no_answer', mark: 'broken' })
    expect(steps).toHaveLength(4)
  })
})

describe('the forms of a case', () => {
  it('are those that the hub allows and that make sense now', () => {
    const allowed: CaseEvent[] = ['overdue', 'void', 'feedback', 'extend', 'resume', 'explain']
    expect(formsFor(detail({ allowed })).map((form) => form.event)).toEqual(['feedback', 'extend', 'void'])
    expect(formsFor(detail({ allowed, overdue: true })).map((form) => form.event)).toEqual(['feedback', 'explain', 'void'])
    expect(formsFor(detail({ allowed, suspended_until: at(60) })).map((form) => form.event)).toEqual(['resume', 'void'])
  })

  it('name what is still missing', () => {
    const [feedback] = formsFor(detail({ allowed: ['feedback'] }))
    const [study] = formsFor(detail({ allowed: ['refer_study'] }))
    if (!feedback || !study) throw new Error('no form')
    expect(missingFields(feedback, { text: ' ', photos: [] })).toEqual(['text', 'photos'])
    expect(missingFields(feedback, { text: 'done', photos: ['ab'] })).toEqual([])
    expect(missingFields(study, { units: ['gas'] })).toEqual(['units'])
  })
})

describe('a second one for the same task', () => {
  const command = (device_id: string, state: 'sent' | 'failed' | 'in_progress', minutes: number, type: 'guard' | 'verify' = 'guard') => ({ device_id, state, type, issued_at: at(minutes) })

  it('is asked about while somebody is on it, also before the case has been read again', () => {
    expect(alreadySent([], ['T-0003'], 'guard')).toEqual(['T-0003'])
    expect(alreadySent([command('T-0001', 'in_progress', -9), command('T-0002', 'sent', -1)], ['T-0003', 'T-0002'], 'guard')).toEqual(['T-0002', 'T-0003', 'T-0001'])
  })

  it('is the first again once the others have ended, or do something else', () => {
    expect(alreadySent([command('T-0001', 'failed', -9), command('T-0002', 'sent', -1, 'verify')], [], 'guard')).toEqual([])
  })
})

describe('voiding a case of high severity', () => {
  const words = (asked: string | null, me: string, severity: 'high' | 'mid' = 'high') =>
    formsFor(detail({ severity, allowed: ['void', 'keep'], void_asked_by: asked }), me).map((form) => form.word)

  it('is asked for by one person and decided by another', () => {
    expect(words(null, 'user:a')).toEqual(['void_ask'])
    expect(words('user:a', 'user:a')).toEqual(['keep_own'])
    expect(words('user:a', 'user:b')).toEqual(['void_confirm', 'keep'])
    expect(words(null, 'user:a', 'mid')).toEqual(['void'])
  })

  it('waits in the queue of everybody else who may decide', () => {
    const asked = summary({ state: 'HANDLING', void_asked_by: 'user:a' })
    expect(waitsFor({ operates: true, handles: true, actor: 'user:b' }, asked)).toBe(true)
    expect(waitsFor({ operates: true, handles: true, actor: 'user:a' }, asked)).toBe(false)
    expect(partOf('void', { operates: true, handles: true, actor: 'user:a' }, asked, NOW)).toBe(true)
  })
})
