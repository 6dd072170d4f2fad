import { shallowReactive } from 'vue'

import type { Hub, WaitingFilter } from '../api/hub'
import type { JournalEvent, SignalDetail, WaitingSignal } from '../api/types'
import { failed, loaded, loading, mayHeal, type Loading } from './loading'

const PAGE = 50
const LONGEST_PAGE = 200
const READ_AFTER_MS = 300
const AGAIN_AFTER_MS = 3_000

/** The signals that wait for a person and the one on the screen; kept up while their page is open. */
export class WaitingBoard {
  readonly view = shallowReactive<{
    items: WaitingSignal[]
    next: number | null
    loading: Loading
    selectedId: number | null
    selected: SignalDetail | null
    selectedLoading: Loading
  }>({
    items: [],
    next: null,
    loading: { name: 'never' },
    selectedId: null,
    selected: null,
    selectedLoading: { name: 'never' },
  })
  private filter: WaitingFilter | null = null
  private readings = 0
  private listTimer: ReturnType<typeof setTimeout> | undefined
  private oneTimer: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly hub: Hub) {}

  /** Reads the list and keeps it up until `close`; again with another filter it starts anew. */
  async open(filter: WaitingFilter): Promise<void> {
    this.filter = filter
    Object.assign(this.view, { items: [], next: null, loading: { name: 'never' } })
    await this.load()
  }

  close(): void {
    this.filter = null
    this.readings += 1
    clearTimeout(this.listTimer)
    this.listTimer = undefined
    Object.assign(this.view, { items: [], next: null, loading: { name: 'never' } })
    void this.select(null)
  }

  /** Reads everything anew that is shown. */
  async reload(): Promise<void> {
    const { selectedId } = this.view
    await Promise.all([this.load(), selectedId === null ? null : this.readOne(selectedId)])
  }

  /** Reads again as much of the list as is shown. */
  async load(): Promise<void> {
    const limit = Math.max(PAGE, Math.min(LONGEST_PAGE, this.view.items.length))
    await this.read({ limit }, () => [])
  }

  /** Reads what follows in the list. */
  async more(): Promise<void> {
    if (this.view.next !== null) await this.read({ limit: PAGE, after: this.view.next }, () => this.view.items)
  }

  async select(signalId: number | null): Promise<void> {
    if (signalId !== this.view.selectedId) {
      clearTimeout(this.oneTimer)
      this.oneTimer = undefined
      Object.assign(this.view, { selectedId: signalId, selected: null, selectedLoading: { name: 'never' } })
    }
    if (signalId !== null) await this.readOne(signalId)
  }

  /** Takes the answer to a decision, which carries the newest state of the signal. */
  accept(detail: SignalDetail): void {
    const listed = this.filter?.snoozed ? detail.state === 'snoozed' : detail.why.length > 0 && detail.state !== 'snoozed'
    if (!listed) this.drop((signal) => signal.signal_id === detail.signal_id)
    if (detail.signal_id === this.view.selectedId) this.show(detail)
  }

  /** The reports of a case have been compared with their photos. */
  checked(caseId: number): void {
    this.drop((signal) => signal.case_id === caseId)
  }

  heard(event: JournalEvent): void {
    if (this.filter === null || !this.concerns(event)) return
    this.listTimer ??= setTimeout(() => void this.load(), READ_AFTER_MS)
    const { selectedId, selected } = this.view
    const ofSelected = event.subject === 'signal' ? selectedId === Number(event.subject_id) : selected?.case_id === Number(event.subject_id)
    if (selectedId !== null && ofSelected) this.readOneIn(READ_AFTER_MS, selectedId)
  }

  private concerns(event: JournalEvent): boolean {
    if (event.subject === 'signal') return true
    return event.subject === 'case' && this.view.items.some((signal) => signal.case_id === Number(event.subject_id))
  }

  private async read(page: { limit: number; after?: number }, before: () => WaitingSignal[]): Promise<void> {
    if (this.filter === null) return
    clearTimeout(this.listTimer)
    this.listTimer = undefined
    const mine = ++this.readings
    this.view.loading = loading(this.view.loading)
    try {
      const { items, next_after } = await this.hub.waiting({ ...this.filter, ...page })
      if (mine !== this.readings) return
      Object.assign(this.view, { items: [...before(), ...items], next: next_after, loading: loaded() })
    } catch (error) {
      if (mine !== this.readings) return
      this.view.loading = failed(error)
      if (mayHeal(error)) this.listTimer ??= setTimeout(() => void this.load(), AGAIN_AFTER_MS)
    }
  }

  private async readOne(signalId: number): Promise<void> {
    this.view.selectedLoading = loading(this.view.selectedLoading)
    try {
      const detail = await this.hub.signal(signalId)
      if (signalId === this.view.selectedId) this.show(detail)
    } catch (error) {
      if (signalId !== this.view.selectedId) return
      this.view.selectedLoading = failed(error)
      if (mayHeal(error)) this.readOneIn(AGAIN_AFTER_MS, signalId)
    }
  }

  private readOneIn(ms: number, signalId: number): void {
    this.oneTimer ??= setTimeout(() => {
      this.oneTimer = undefined
      if (signalId === this.view.selectedId) void this.readOne(signalId)
    }, ms)
  }

  private show(detail: SignalDetail): void {
    this.view.selected = detail
    this.view.selectedLoading = loaded()
  }

  private drop(gone: (signal: WaitingSignal) => boolean): void {
    this.view.items = this.view.items.filter((signal) => !gone(signal))
  }
}
