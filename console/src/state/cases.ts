import { shallowReactive } from 'vue'

import { Refused } from '../api/http'
import type { Hub } from '../api/hub'
import type { CaseDetail, CaseSummary, JournalEvent } from '../api/types'
import { compareUrgency, isOpen } from '../cases/deadline'
import { failed, loaded, loading, mayHeal, type Loading } from './loading'

type CaseMap = ReadonlyMap<number, CaseSummary>

/** Puts in what was read, unless something newer is known. An ended case leaves the queue. */
export function upsert(cases: CaseMap, found: CaseSummary): CaseMap {
  const known = cases.get(found.case_id)
  if (known && known.version > found.version) return cases
  const next = new Map(cases)
  if (isOpen(found.state)) next.set(found.case_id, found)
  else next.delete(found.case_id)
  return next
}

/** The cases that a row of the journal is about. */
export function casesOf(event: JournalEvent, selected: CaseDetail | null): number[] {
  if (event.subject === 'case') return [Number(event.subject_id)]
  const named = event.data?.case_id
  if (typeof named === 'number' || typeof named === 'string') return [Number(named)]
  if (selected && mentions(selected, event)) return [selected.case_id]
  return []
}

function mentions(detail: CaseDetail, event: JournalEvent): boolean {
  const id = String(event.subject_id)
  if (event.subject === 'command') return detail.commands.some((command) => command.command_id === id)
  if (event.subject === 'video') return detail.videos.some((video) => video.session_id === id)
  return event.subject === 'signal' && detail.signals.some((signal) => String(signal.signal_id) === id)
}

const QUEUE_LENGTH = 200
const FLUSH_AFTER_MS = 150
const AGAIN_AFTER_MS = 3_000
/** From here on one reading of the list is cheaper than one reading for each case. */
const READ_ONE_BY_ONE = 12

/** The queue of open cases and the one that is open on the screen, kept up by the journal. */
export class CaseBoard {
  readonly view = shallowReactive<{
    open: CaseMap
    more: boolean
    loading: Loading
    selectedId: number | null
    selected: CaseDetail | null
    selectedLoading: Loading
  }>({
    open: new Map(),
    more: false,
    loading: { name: 'never' },
    selectedId: null,
    selected: null,
    selectedLoading: { name: 'never' },
  })
  private readonly touched = new Set<number>()
  private flushTimer: ReturnType<typeof setTimeout> | undefined
  private readings = 0
  private generation = 0
  private readonly newestReading = new Map<number, number>()

  constructor(private readonly hub: Hub) {}

  get queue(): CaseSummary[] {
    return [...this.view.open.values()].sort(compareUrgency)
  }

  async load(): Promise<void> {
    this.view.loading = loading(this.view.loading)
    try {
      const page = await this.hub.desk.cases({ open: true, limit: QUEUE_LENGTH })
      this.view.open = new Map(page.items.map((found) => [found.case_id, found]))
      this.view.more = page.next_before !== null
      this.view.loading = loaded()
    } catch (error) {
      this.view.loading = failed(error)
      if (mayHeal(error)) this.again(() => void this.load())
    }
  }

  async select(caseId: number | null): Promise<void> {
    if (caseId !== this.view.selectedId) {
      this.view.selectedId = caseId
      this.view.selected = null
      this.view.selectedLoading = { name: 'never' }
    }
    if (caseId !== null) await this.read(caseId)
  }

  /** Takes an answer that already carries the newest state of a case. */
  accept(detail: CaseDetail): void {
    this.view.open = upsert(this.view.open, detail)
    if (detail.case_id !== this.view.selectedId) return
    if (this.view.selected && this.view.selected.version > detail.version) return
    this.view.selected = detail
    this.view.selectedLoading = loaded()
  }

  heard(event: JournalEvent): void {
    for (const caseId of casesOf(event, this.view.selected)) this.touch(caseId)
  }

  touch(caseId: number): void {
    this.touched.add(caseId)
    this.flushTimer ??= setTimeout(() => void this.flush(), FLUSH_AFTER_MS)
  }

  clear(): void {
    clearTimeout(this.flushTimer)
    this.flushTimer = undefined
    this.generation += 1
    this.touched.clear()
    Object.assign(this.view, { open: new Map(), loading: { name: 'never' }, selectedId: null, selected: null })
  }

  private async flush(): Promise<void> {
    this.flushTimer = undefined
    const ids = [...this.touched]
    this.touched.clear()
    if (ids.length <= READ_ONE_BY_ONE) {
      await Promise.all(ids.map((caseId) => this.read(caseId)))
      return
    }
    const selected = this.view.selectedId
    await Promise.all([this.load(), selected !== null && ids.includes(selected) ? this.read(selected) : null])
  }

  private async read(caseId: number): Promise<void> {
    const selected = caseId === this.view.selectedId
    if (selected) this.view.selectedLoading = loading(this.view.selectedLoading)
    const reading = ++this.readings
    try {
      const detail = await this.hub.case(caseId)
      if (reading < (this.newestReading.get(caseId) ?? 0)) return
      this.newestReading.set(caseId, reading)
      this.accept(detail)
    } catch (error) {
      this.readFailed(caseId, error)
    }
  }

  private readFailed(caseId: number, error: unknown): void {
    if (error instanceof Refused && [403, 404].includes(error.status)) this.drop(caseId)
    else if (mayHeal(error)) this.again(() => this.touch(caseId))
    if (caseId === this.view.selectedId) this.view.selectedLoading = failed(error)
  }

  /** A journal row comes once, so a reading that it asked for is repeated until it succeeds. */
  private again(run: () => void): void {
    const generation = this.generation
    setTimeout(() => generation === this.generation && run(), AGAIN_AFTER_MS)
  }

  private drop(caseId: number): void {
    const next = new Map(this.view.open)
    next.delete(caseId)
    this.view.open = next
  }
}
