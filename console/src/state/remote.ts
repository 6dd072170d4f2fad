import { shallowReactive } from 'vue'

import type { Hub } from '../api/hub'
import type { JournalEvent, Remote } from '../api/types'
import { failed, loaded, loading, type Loading } from './loading'

/** Figures come without a row in the journal, so they are read again after this time. */
const READ_EVERY_MS = 10_000
const READ_AFTER_MS = 300

/** What one device should run and runs, kept up until `close`. */
export class RemoteWatch {
  readonly view = shallowReactive<{ remote: Remote | null; loading: Loading }>({ remote: null, loading: { name: 'never' } })
  private timer: ReturnType<typeof setTimeout> | undefined
  private closed = false

  constructor(
    private readonly hub: Hub,
    readonly deviceId: string,
  ) {}

  async read(): Promise<void> {
    clearTimeout(this.timer)
    this.view.loading = loading(this.view.loading)
    try {
      const remote = await this.hub.remote(this.deviceId)
      if (this.closed) return
      Object.assign(this.view, { remote, loading: loaded() })
    } catch (error) {
      if (this.closed) return
      this.view.loading = failed(error)
    }
    this.readIn(READ_EVERY_MS)
  }

  heard(event: JournalEvent): void {
    if (event.subject === 'device' && event.subject_id === this.deviceId) this.readIn(READ_AFTER_MS)
  }

  close(): void {
    this.closed = true
    clearTimeout(this.timer)
  }

  private readIn(ms: number): void {
    clearTimeout(this.timer)
    if (!this.closed) this.timer = setTimeout(() => void this.read(), ms)
  }
}
