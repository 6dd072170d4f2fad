import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import { Refused } from '../src/api/http'
import type { Hub } from '../src/api/hub'
import type { Device, JournalEvent } from '../src/api/types'
import { DeviceBoard } from '../src/state/devices'
import { at, terminal } from './fixtures'

/** Counts how often the hub is asked for the list, and for which devices. */
class Asked {
  lists = 0
  readonly ones: string[] = []
  readonly gone = new Set<string>()

  get hub(): Hub {
    return {
      devices: () => Promise.resolve([terminal(), terminal({ device_id: 'T-0002' })].map((device) => this.count(device))),
      device: (deviceId: string) => this.one(deviceId),
    } as unknown as Hub
  }

  private count(device: Device): Device {
    if (device.device_id === 'T-0001') this.lists += 1
    return device
  }

  private one(deviceId: string): Promise<Device> {
    this.ones.push(deviceId)
    if (this.gone.has(deviceId)) return Promise.reject(new Refused(404, { type: 'not-found', title: '', status: 404 }))
    return Promise.resolve(terminal({ device_id: deviceId, presence: 'offline' }))
  }
}

function event(deviceId: string): JournalEvent {
  return { journal_id: 1, at: at(0), subject: 'device', subject_id: deviceId, kind: 'offline', data: {} }
}

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

it('reads the one device that an entry is about, not all of them', async () => {
  const asked = new Asked()
  const board = new DeviceBoard(asked.hub, () => Date.now())
  await board.load()
  board.heard(event('T-0001'))
  board.heard(event('T-0001'))
  await vi.advanceTimersByTimeAsync(1_000)
  expect(asked.ones).toEqual(['T-0001'])
  expect(asked.lists).toBe(1)
  expect(board.view.devices.get('T-0001')?.presence).toBe('offline')
  expect(board.view.devices.get('T-0002')?.presence).toBe('online')
})

it('reads the list once when a crowd comes or goes, and no more often than every ten seconds', async () => {
  const asked = new Asked()
  const board = new DeviceBoard(asked.hub, () => Date.now())
  await board.load()
  for (let second = 0; second < 20; second++) {
    for (let number = 0; number < 50; number++) board.heard(event(`T-${number}`))
    await vi.advanceTimersByTimeAsync(1_000)
  }
  expect(asked.ones).toEqual([])
  expect(asked.lists).toBeLessThanOrEqual(3)
  expect(asked.lists).toBeGreaterThan(1)
})

it('drops a device that is no more', async () => {
  const asked = new Asked()
  const board = new DeviceBoard(asked.hub, () => Date.now())
  await board.load()
  asked.gone.add('T-0001')
  board.heard(event('T-0001'))
  await vi.advanceTimersByTimeAsync(1_000)
  expect([...board.view.devices.keys()]).toEqual(['T-0002'])
})
