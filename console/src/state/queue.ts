import { shallowReactive } from 'vue'

import type { Hub } from '../api/hub'
import type { CaseSummary, JournalEvent } from '../api/types'
import { narrowedBy, NOTHING, wanted, type ListQuery } from '../cases/list-query'
import { failed, loaded, loading, type Loading } from './loading'

const PAGE = 100
const SETTLE_MS = 250
const AGAIN_MS = 1_000

/** What the queue asks for differs from what everybody gets: the most urgent open cases. */
export function isNarrowed(query: ListQuery): boolean {
  return narrowedBy(query) > 0 || query.q.trim() !== '' || query.open !== 'true'
}

export function isOrdered(query: ListQuery): boolean {
  return query.sort !== 'urgency'
}

/** The queue as a person narrows and sorts it, page after page; it outlives the page that shows it. */
export class QueueList {
  readonly view = shallowReactive<{ query: ListQuery; rows: CaseSummary[]; total: number; exact: boolean; loading: Loading; far: boolean }>({
    query: { ...NOTHING },
    rows: [],
    total: 0,
    exact: true,
    loading: { name: 'never' },
    far: false,
  })
  private readings = 0
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly hub: Hub) {}

  /** Whether this list is shown, and not the board of the most urgent cases. */
  get active(): boolean {
    return this.view.far || isNarrowed(this.view.query) || isOrdered(this.view.query)
  }

  get more(): boolean {
    return this.view.rows.length < this.view.total
  }

  ask(query: ListQuery): void {
    this.view.query = query
    this.view.far = false
    if (this.active) this.soon(SETTLE_MS)
    else this.rest()
  }

  /** Another page: of the board's cases too, which are only the most urgent. */
  async next(known = 0): Promise<void> {
    const shown = this.active ? this.view.rows.length : known
    this.view.far = true
    await this.read(shown + PAGE)
  }

  /** Reads what waits to be read. */
  async settle(): Promise<void> {
    if (this.timer === undefined) return
    await this.read(PAGE)
  }

  heard(event: JournalEvent): void {
    if (event.subject === 'case' && this.active) this.soon(AGAIN_MS)
  }

  async again(): Promise<void> {
    if (this.active) await this.read(Math.max(PAGE, this.view.rows.length))
  }

  clear(): void {
    this.view.query = { ...NOTHING }
    this.view.far = false
    this.rest()
  }

  private rest(): void {
    this.readings += 1
    this.stop()
    Object.assign(this.view, { rows: [], total: 0, exact: true, loading: { name: 'never' } satisfies Loading })
  }

  private soon(after: number): void {
    if (this.timer !== undefined && after === AGAIN_MS) return
    this.stop()
    const length = after === AGAIN_MS ? Math.max(PAGE, this.view.rows.length) : PAGE
    this.timer = setTimeout(() => void this.read(length), after)
  }

  private stop(): void {
    clearTimeout(this.timer)
    this.timer = undefined
  }

  private async read(length: number): Promise<void> {
    this.stop()
    const mine = ++this.readings
    const question = wanted(this.view.query)
    this.view.loading = loading(this.view.loading)
    try {
      const rows: CaseSummary[] = []
      let page = await this.hub.desk.cases({ ...question, limit: PAGE, offset: 0 })
      rows.push(...page.items)
      while (rows.length < length && page.items.length === PAGE && mine === this.readings) {
        page = await this.hub.desk.cases({ ...question, limit: PAGE, offset: rows.length })
        rows.push(...page.items)
      }
      if (mine !== this.readings) return
      const once = new Map(rows.map((row) => [row.case_id, row]))
      Object.assign(this.view, { rows: [...once.values()], total: page.total, exact: page.total_is_exact, loading: loaded() })
    } catch (error) {
      if (mine === this.readings) this.view.loading = failed(error)
    }
  }
}
