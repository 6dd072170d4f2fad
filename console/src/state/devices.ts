import { shallowReactive } from 'vue'

import type { Hub } from '../api/hub'
import { Refused } from '../api/http'
import type { Device, JournalEvent, MovedDevice } from '../api/types'
import { failed, loaded, loading, mayHeal, type Loading } from './loading'

/** The later position wins: one that was delayed on its way must not pull the marker back. */
export function applyMove(device: Device, move: MovedDevice): Device {
  const known = device.position?.observed_at
  const newer = !known || Date.parse(move.observed_at) >= Date.parse(known)
  const position = newer
    ? {
        lon: move.lon,
        lat: move.lat,
        accuracy_m: device.position?.accuracy_m ?? null,
        heading: move.heading,
        speed: move.speed,
        observed_at: move.observed_at,
      }
    : device.position
  const battery = newer ? (move.battery ?? device.battery) : device.battery
  return { ...device, position, battery, presence: move.presence, last_seen_at: later(device.last_seen_at, move.received_at) }
}

function later(a: string | null, b: string): string {
  return a !== null && Date.parse(a) > Date.parse(b) ? a : b
}

const READ_AFTER_MS = 300
const AGAIN_AFTER_MS = 3_000
/** From here on one reading of the list is cheaper than one reading for each device. */
const READ_ONE_BY_ONE = 12
/** The list is long; when a crowd comes and goes it is read no more often than this. */
const LIST_EVERY_MS = 10_000

/** Everything that is known of the devices, by id. */
export class DeviceBoard {
  readonly view = shallowReactive<{ devices: ReadonlyMap<string, Device>; loading: Loading }>({
    devices: new Map(),
    loading: { name: 'never' },
  })
  private readonly touched = new Set<string>()
  private flushTimer: ReturnType<typeof setTimeout> | undefined
  private listTimer: ReturnType<typeof setTimeout> | undefined
  private listedAt = -Infinity

  /** `now` is any clock that goes forward (ms). */
  constructor(
    private readonly hub: Hub,
    private readonly now: () => number = () => performance.now(),
  ) {}

  async load(): Promise<void> {
    this.listedAt = this.now()
    this.view.loading = loading(this.view.loading)
    try {
      const devices = await this.hub.devices()
      this.view.devices = new Map(devices.map((device) => [device.device_id, device]))
      this.view.loading = loaded()
    } catch (error) {
      this.view.loading = failed(error)
    }
  }

  moved(moves: MovedDevice[]): void {
    const devices = new Map(this.view.devices)
    for (const move of moves) {
      const device = devices.get(move.device_id)
      if (device) devices.set(move.device_id, applyMove(device, move))
      else this.touch(move.device_id)
    }
    this.view.devices = devices
  }

  heard(event: JournalEvent): void {
    if (event.subject === 'device') this.touch(event.subject_id)
  }

  /** Reads the device again soon; many in a moment make one reading of the list. */
  touch(deviceId: string): void {
    this.touched.add(deviceId)
    this.flushTimer ??= setTimeout(() => void this.flush(), READ_AFTER_MS)
  }

  clear(): void {
    clearTimeout(this.flushTimer)
    clearTimeout(this.listTimer)
    this.flushTimer = undefined
    this.listTimer = undefined
    this.touched.clear()
    this.view.devices = new Map()
    this.view.loading = { name: 'never' }
  }

  private async flush(): Promise<void> {
    this.flushTimer = undefined
    const ids = [...this.touched]
    this.touched.clear()
    if (ids.length <= READ_ONE_BY_ONE) await Promise.all(ids.map((deviceId) => this.read(deviceId)))
    else this.loadInTurn()
  }

  private loadInTurn(): void {
    const wait = Math.max(0, this.listedAt + LIST_EVERY_MS - this.now())
    this.listTimer ??= setTimeout(() => {
      this.listTimer = undefined
      void this.load()
    }, wait)
  }

  private async read(deviceId: string): Promise<void> {
    try {
      this.put(deviceId, await this.hub.device(deviceId))
    } catch (error) {
      if (error instanceof Refused && error.status === 404) this.put(deviceId, null)
      else if (mayHeal(error)) setTimeout(() => this.view.devices.size > 0 && this.touch(deviceId), AGAIN_AFTER_MS)
    }
  }

  private put(deviceId: string, device: Device | null): void {
    const devices = new Map(this.view.devices)
    if (device) devices.set(deviceId, device)
    else devices.delete(deviceId)
    this.view.devices = devices
  }
}
