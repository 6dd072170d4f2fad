import { shallowReactive } from 'vue'

import type { Hub } from '../api/hub'
import type { Geofence, JournalEvent } from '../api/types'
import { failed, loaded, loading, type Loading } from './loading'

const REREAD_AFTER_MS = 2_000

/** The fences that are watched, and how many are inside of each. */
export class FenceBoard {
  readonly view = shallowReactive<{ fences: readonly Geofence[]; loading: Loading }>({ fences: [], loading: { name: 'never' } })
  private rereadTimer: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly hub: Hub) {}

  async load(): Promise<void> {
    this.view.loading = loading(this.view.loading)
    try {
      const fences = await this.hub.geofences()
      Object.assign(this.view, { fences, loading: loaded() })
    } catch (error) {
      this.view.loading = failed(error)
    }
  }

  /** Fences that were drawn or retired, and who crossed one; many in a moment make one reading. */
  heard(event: JournalEvent): void {
    if (!concernsFences(event)) return
    this.rereadTimer ??= setTimeout(() => {
      this.rereadTimer = undefined
      void this.load()
    }, REREAD_AFTER_MS)
  }

  clear(): void {
    clearTimeout(this.rereadTimer)
    this.rereadTimer = undefined
    Object.assign(this.view, { fences: [], loading: { name: 'never' } })
  }
}

export function concernsFences(event: JournalEvent): boolean {
  return event.subject === 'geofence' || (event.subject === 'device' && event.kind === 'geofence')
}
