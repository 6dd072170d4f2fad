import { secondsUnused } from '../keyboard/unused'
import type { JournalEvent, MovedDevice } from '../api/types'
import { SseParser, type SseMessage } from './sse'

export type FeedState =
  /** Not started, or stopped by us. */
  | { name: 'idle' }
  /** The request is out, nothing has come back. */
  | { name: 'connecting'; attempt: number }
  /** Bytes arrive. */
  | { name: 'live' }
  /** The line stands, but nothing has come since `heardAt` (ms): what is shown is as old as that. */
  | { name: 'quiet'; heardAt: number }
  /** Broken; the next try is at `retryAt` (ms). What is shown is as old as `heardAt` (ms). */
  | { name: 'lost'; attempt: number; heardAt: number | null; retryAt: number }
  /** The hub does not know our session any more. */
  | { name: 'refused' }

export interface FeedListener {
  state(state: FeedState): void
  /** The line starts at "now": what was shown before may have gaps and must be read again. */
  hello(journalId: number): void
  /** The line goes on where it broke; journal rows follow, but positions of the gap do not. */
  resumed(): void
  journal(event: JournalEvent): void
  positions(items: MovedDevice[]): void
  ping(at: string): void
}

export interface FeedParts {
  fetch: typeof fetch
  now(): number
  after(ms: number, run: () => void): () => void
  /** From 0 to 1: spreads the tries of many consoles that lost the hub in the same moment. */
  random(): number
}

/** The hub pings every 2 s: after two missed pings and a half the screen says so, and later it connects anew. */
const QUIET_MS = 5_000
const SILENCE_MS = 12_000
const FIRST_RETRY_MS = 1_000
const LONGEST_RETRY_MS = 15_000
const RETRY_SPREAD = 0.25

export const browserParts: FeedParts = {
  fetch: (...args) => fetch(...args),
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
  random: () => Math.random(),
}

/**
 * The hub's live line. It resumes after the last journal row that it handed on, so that a broken line
 * loses no row, and it drops rows at or below that row's id, so that none comes twice. The cursor also
 * says of which journal the row is; where the hub has another one, it says hello and all is read again.
 */
export class LiveFeed {
  private current: FeedState = { name: 'idle' }
  private lastId: number | null = null
  private lastCursor: string | null = null
  private heardAt: number | null = null
  private attempt = 0
  private abort: AbortController | null = null
  private cancelSilence: () => void = () => undefined
  private cancelRetry: () => void = () => undefined

  constructor(
    private readonly url: string,
    private readonly listener: FeedListener,
    private readonly parts: FeedParts = browserParts,
  ) {}

  get state(): FeedState {
    return this.current
  }

  get cursor(): string | null {
    return this.lastCursor
  }

  start(): void {
    if (this.current.name !== 'idle' && this.current.name !== 'refused') return
    this.attempt = 0
    this.connect()
  }

  stop(): void {
    this.hangUp()
    this.lastId = null
    this.lastCursor = null
    this.heardAt = null
    this.enter({ name: 'idle' })
  }

  /** Does not wait for the next scheduled try. */
  retryNow(): void {
    if (this.current.name === 'lost') this.connect()
  }

  private connect(): void {
    this.hangUp()
    const abort = new AbortController()
    this.abort = abort
    this.attempt += 1
    this.enter({ name: 'connecting', attempt: this.attempt })
    this.watchSilence(abort)
    void this.read(abort)
  }

  private async read(abort: AbortController): Promise<void> {
    try {
      const headers: Record<string, string> = {
        Accept: 'text/event-stream',
        'X-Unused-S': String(Math.min(secondsUnused(), 86_400)),
      }
      if (this.lastCursor !== null) headers['Last-Event-ID'] = this.lastCursor
      const response = await this.parts.fetch(this.url, {
        headers,
        signal: abort.signal,
        credentials: 'same-origin',
        cache: 'no-store',
      })
      if (abort !== this.abort) return
      if (response.status === 401 || response.status === 403) return this.refuse()
      if (!response.ok || !response.body) return this.lose(abort)
      await this.follow(response.body, abort)
    } catch {
      // Whatever broke the line, the answer is the same: say so and try again.
    }
    this.lose(abort)
  }

  private async follow(body: ReadableStream<Uint8Array>, abort: AbortController): Promise<void> {
    const reader = body.getReader()
    const decoder = new TextDecoder()
    const parser = new SseParser()
    for (;;) {
      const { done, value } = await reader.read()
      if (done || abort !== this.abort) return
      this.heard(abort)
      for (const message of parser.push(decoder.decode(value, { stream: true }))) this.hand(message)
    }
  }

  private heard(abort: AbortController): void {
    this.heardAt = this.parts.now()
    this.watchSilence(abort)
    if (this.current.name === 'live') return
    this.attempt = 0
    this.enter({ name: 'live' })
  }

  private hand(message: SseMessage): void {
    const data: unknown = JSON.parse(message.data)
    switch (message.event) {
      case 'hello':
        return this.handHello((data as { journal_id: number }).journal_id, message.id)
      case 'journal':
        return this.handJournal(data as JournalEvent, message.id)
      case 'positions':
        return this.listener.positions((data as { items: MovedDevice[] }).items)
      case 'ping':
        return this.listener.ping((data as { at: string }).at)
    }
  }

  private handHello(journalId: number, cursor: string | null): void {
    const given = cursor ?? String(journalId)
    if (given === this.lastCursor) return this.listener.resumed()
    this.lastId = journalId
    this.lastCursor = given
    this.listener.hello(journalId)
  }

  private handJournal(event: JournalEvent, cursor: string | null): void {
    const journalId = event.journal_id
    if (this.lastId !== null && journalId <= this.lastId) return
    this.lastId = journalId
    this.lastCursor = cursor ?? String(journalId)
    this.listener.journal(event)
  }

  private lose(abort: AbortController): void {
    if (abort !== this.abort) return
    this.hangUp()
    const longest = Math.min(FIRST_RETRY_MS * 2 ** Math.max(0, this.attempt - 1), LONGEST_RETRY_MS)
    const wait = Math.round(longest * (1 - RETRY_SPREAD * this.parts.random()))
    this.enter({ name: 'lost', attempt: this.attempt, heardAt: this.heardAt, retryAt: this.parts.now() + wait })
    this.cancelRetry = this.parts.after(wait, () => this.connect())
  }

  private refuse(): void {
    this.hangUp()
    this.enter({ name: 'refused' })
  }

  private watchSilence(abort: AbortController): void {
    this.cancelSilence()
    const cancelQuiet = this.parts.after(QUIET_MS, () => this.grewQuiet(abort))
    const cancelLoss = this.parts.after(SILENCE_MS, () => this.lose(abort))
    this.cancelSilence = () => {
      cancelQuiet()
      cancelLoss()
    }
  }

  private grewQuiet(abort: AbortController): void {
    if (abort !== this.abort || this.current.name !== 'live' || this.heardAt === null) return
    this.enter({ name: 'quiet', heardAt: this.heardAt })
  }

  private hangUp(): void {
    this.cancelSilence()
    this.cancelRetry()
    const abort = this.abort
    this.abort = null
    abort?.abort()
  }

  private enter(state: FeedState): void {
    this.current = state
    this.listener.state(state)
  }
}
