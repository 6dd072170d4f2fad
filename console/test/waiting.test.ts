import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { Refused } from '../src/api/http'
import type { Hub } from '../src/api/hub'
import type { JournalEvent, SignalDetail, WaitingSignal } from '../src/api/types'
import { neighbourSignal } from '../src/signals/list'
import { WaitingBoard } from '../src/state/waiting'
import { at, waitingSignal } from './fixtures'

function event(given: Partial<JournalEvent>): JournalEvent {
  return { journal_id: 1, at: at(0), subject: 'signal', subject_id: '1', kind: 'signal_new', data: {}, ...given }
}

function detail(given: Partial<WaitingSignal> = {}): SignalDetail {
  return { ...waitingSignal(given), nearby: [], decision: null }
}

/** A hub that holds these signals; `calls` tells what was asked for. */
function fakeHub(signals: WaitingSignal[]) {
  const calls: string[] = []
  const hub = {
    signals,
    async waiting({ after = 0, limit = 50 }: { after?: number; limit?: number }) {
      calls.push(`waiting ${after} ${limit}`)
      const rest = this.signals.filter((each) => each.signal_id > after)
      const items = rest.slice(0, limit)
      return { items, next_after: rest.length > limit ? (items.at(-1)?.signal_id ?? null) : null }
    },
    async signal(id: number) {
      calls.push(`signal ${id}`)
      const found = this.signals.find((each) => each.signal_id === id)
      if (!found) throw new Refused(404, { type: 'not-found', title: '', status: 404 })
      return detail(found)
    },
  }
  return { hub: hub as unknown as Hub & { signals: WaitingSignal[] }, calls }
}

const three = [1, 2, 3].map((signal_id) => waitingSignal({ signal_id }))

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

describe('the list of waiting signals', () => {
  it('asks nothing until its page is open, and nothing after it was left', async () => {
    const { hub, calls } = fakeHub(three)
    const board = new WaitingBoard(hub)
    board.heard(event({}))
    await vi.runAllTimersAsync()
    expect(calls).toEqual([])

    await board.open({})
    expect(board.view.items.map((each) => each.signal_id)).toEqual([1, 2, 3])
    board.close()
    board.heard(event({}))
    await vi.runAllTimersAsync()
    expect(calls).toHaveLength(1)
  })

  it('is read again when a signal is told of, many rows making one reading', async () => {
    const { hub, calls } = fakeHub(three)
    const board = new WaitingBoard(hub)
    await board.open({})

    hub.signals = three.slice(1)
    for (const subject_id of ['1', '2', '3']) board.heard(event({ subject_id }))
    await vi.runAllTimersAsync()

    expect(board.view.items.map((each) => each.signal_id)).toEqual([2, 3])
    expect(calls.filter((call) => call.startsWith('waiting'))).toHaveLength(2)
  })

  it('follows the cases whose reports it shows, and no others', async () => {
    const { hub, calls } = fakeHub([waitingSignal({ signal_id: 1, case_id: 7, why: ['photo_disagrees'] })])
    const board = new WaitingBoard(hub)
    await board.open({})

    board.heard(event({ subject: 'case', subject_id: '8', kind: 'moved' }))
    await vi.runAllTimersAsync()
    expect(calls).toHaveLength(1)
    board.heard(event({ subject: 'case', subject_id: '7', kind: 'report_photos_checked' }))
    await vi.runAllTimersAsync()
    expect(calls).toHaveLength(2)
  })

  it('goes on where it ended, without a repetition', async () => {
    const { hub } = fakeHub(Array.from({ length: 60 }, (_, index) => waitingSignal({ signal_id: index + 1 })))
    const board = new WaitingBoard(hub)
    await board.open({})
    expect([board.view.items.length, board.view.next]).toEqual([50, 50])

    await board.more()

    expect(board.view.items.map((each) => each.signal_id)).toEqual(Array.from({ length: 60 }, (_, index) => index + 1))
    expect(board.view.next).toBeNull()
  })

  it('lets go of a signal once it is decided', async () => {
    const { hub } = fakeHub(three)
    const board = new WaitingBoard(hub)
    await board.open({})
    await board.select(2)

    board.accept(detail({ signal_id: 2, state: 'rejected', why: [] }))

    expect(board.view.items.map((each) => each.signal_id)).toEqual([1, 3])
    expect(board.view.selected?.state).toBe('rejected')
  })

  it('reads the signal on the screen again when somebody decides about it', async () => {
    const { hub } = fakeHub(three)
    const board = new WaitingBoard(hub)
    await board.open({})
    await board.select(2)

    hub.signals = [waitingSignal({ signal_id: 2, state: 'accepted', why: [], case_id: 9 })]
    board.heard(event({ subject_id: '2', kind: 'signal_accepted' }))
    await vi.runAllTimersAsync()

    expect(board.view.selected?.case_id).toBe(9)
    expect(board.view.selectedId).toBe(2)
  })

  it('says that there is no such signal, and asks no more', async () => {
    const { hub, calls } = fakeHub([])
    const board = new WaitingBoard(hub)
    await board.select(4711)
    await vi.runAllTimersAsync()

    expect(board.view.selectedLoading.name).toBe('failed')
    expect(calls).toEqual(['signal 4711'])
  })
})

describe('walking through the list', () => {
  it('stays within its ends', () => {
    expect(neighbourSignal(three, null, 1)).toBe(1)
    expect(neighbourSignal(three, 3, 1)).toBe(3)
    expect(neighbourSignal(three, 3, -1)).toBe(2)
    expect(neighbourSignal([], null, 1)).toBeNull()
  })

  it('goes to the next one when the present one is gone, or to the last', () => {
    expect(neighbourSignal([three[0]!, three[2]!], 2, 1)).toBe(3)
    expect(neighbourSignal([three[0]!], 2, 1)).toBe(1)
  })
})
