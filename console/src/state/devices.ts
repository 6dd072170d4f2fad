import { shallowReactive } from 'vue'

import type { Hub } from '../api/hub'
import type { Device, MovedDevice } from '../api/types'
import { loading, loaded, failed, type Loading } from './loading'

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

const REREAD_AFTER_MS = 2_000

/** Everything that is known of the devices, by id. */
export class DeviceBoard {
  readonly view = shallowReactive<{ devices: ReadonlyMap<string, Device>; loading: Loading }>({
    devices: new Map(),
    loading: { name: 'never' },
  })
  private rereadTimer: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly hub: Hub) {}

  async load(): Promise<void> {
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
    let unknown = false
    for (const move of moves) {
      const device = devices.get(move.device_id)
      if (device) devices.set(move.device_id, applyMove(device, move))
      else unknown = true
    }
    this.view.devices = devices
    if (unknown) this.reread()
  }

  /** Reads the list again soon; many calls in a moment make one reading. */
  reread(): void {
    this.rereadTimer ??= setTimeout(() => {
      this.rereadTimer = undefined
      void this.load()
    }, REREAD_AFTER_MS)
  }

  clear(): void {
    this.view.devices = new Map()
    this.view.loading = { name: 'never' }
  }
}
