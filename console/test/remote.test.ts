import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import { Unreachable } from '../src/api/http'
import type { Hub } from '../src/api/hub'
import { RemoteWatch } from '../src/state/remote'
import { at } from './fixtures'

const nothing = { desired_version: null, desired_settings: null, desired_at: null, reported: null, reported_at: null, sync: null }
const remote = { device_id: 'E-01', config: nothing, model: { desired: null, desired_at: null, reported: null, reported_at: null, sync: null }, health: null }

function fakeHub() {
  const hub = { readings: 0, away: false, async remote() {
    hub.readings += 1
    if (hub.away) throw new Unreachable(null)
    return remote
  } }
  return hub
}

function told(subject_id: string) {
  return { journal_id: 1, at: at(0), subject: 'device' as const, subject_id, kind: 'model_reported', data: {} }
}

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

it('reads figures again and again until it is closed', async () => {
  const hub = fakeHub()
  const watch = new RemoteWatch(hub as unknown as Hub, 'E-01')
  await watch.read()
  await vi.advanceTimersByTimeAsync(25_000)
  expect(hub.readings).toBe(3)

  watch.close()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(hub.readings).toBe(3)
})

it('reads at once what its own device tells, and nothing for others', async () => {
  const hub = fakeHub()
  const watch = new RemoteWatch(hub as unknown as Hub, 'E-01')
  await watch.read()
  watch.heard(told('E-02'))
  await vi.advanceTimersByTimeAsync(1_000)
  expect(hub.readings).toBe(1)

  watch.heard(told('E-01'))
  await vi.advanceTimersByTimeAsync(1_000)
  expect(hub.readings).toBe(2)
  watch.close()
})

it('keeps what it knows while the hub is away, says so, and goes on', async () => {
  const hub = fakeHub()
  const watch = new RemoteWatch(hub as unknown as Hub, 'E-01')
  await watch.read()
  hub.away = true
  await watch.read()
  expect([watch.view.loading.name, watch.view.remote?.device_id]).toEqual(['failed', 'E-01'])

  hub.away = false
  await vi.advanceTimersByTimeAsync(11_000)
  expect(watch.view.loading.name).toBe('loaded')
  watch.close()
})
