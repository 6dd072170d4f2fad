import { shallowReactive } from 'vue'

import { Siren } from '../alarms/siren'
import type { Hub } from '../api/hub'
import type { Alarm, JournalEvent } from '../api/types'
import { failed, loaded, loading, type Loading } from './loading'

/** Read also without the live line: a person in danger must not wait for it. */
const READ_EVERY_MS = 10_000

/** The alarms that ring, on whatever page; the siren sounds as long as one of them does. */
export class AlarmBoard {
  readonly siren = new Siren()
  readonly view = shallowReactive<{ items: Alarm[]; mayAcknowledge: boolean; loading: Loading }>({
    items: [],
    mayAcknowledge: false,
    loading: { name: 'never' },
  })
  private readings = 0
  private timer: ReturnType<typeof setInterval> | undefined

  constructor(private readonly hub: Hub) {}

  get ringing(): Alarm[] {
    return this.view.items.filter((alarm) => alarm.acknowledged_at === null)
  }

  open(): void {
    clearInterval(this.timer)
    this.timer = setInterval(() => void this.load(), READ_EVERY_MS)
    void this.load()
  }

  close(): void {
    this.readings += 1
    clearInterval(this.timer)
    this.show([])
  }

  async load(): Promise<void> {
    const mine = ++this.readings
    this.view.loading = loading(this.view.loading)
    try {
      const { items, can_acknowledge } = await this.hub.alarms()
      if (mine !== this.readings) return
      this.view.mayAcknowledge = can_acknowledge
      this.view.loading = loaded()
      this.show(items)
    } catch (error) {
      // What rings goes on ringing: nothing says that it is over.
      if (mine === this.readings) this.view.loading = failed(error)
    }
  }

  /** Silences an alarm at every console; throws what the hub refuses with. */
  async acknowledge(caseId: number): Promise<void> {
    const taken = await this.hub.acknowledgeAlarm(caseId)
    this.readings += 1
    this.show(this.view.items.map((alarm) => (alarm.case_id === caseId ? taken : alarm)))
  }

  heard(event: JournalEvent): void {
    if (event.subject !== 'case') return
    const mine = this.view.items.some((alarm) => alarm.case_id === Number(event.subject_id))
    if (event.kind.startsWith('alarm_') || (mine && event.kind === 'transition')) void this.load()
  }

  private show(items: Alarm[]): void {
    this.view.items = items
    this.siren.ring(this.ringing.length > 0)
  }
}
