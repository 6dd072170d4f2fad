import { describe, expect, it } from 'vitest'

import type { JournalEvent } from '../src/api/types'
import { LiveFeed, type FeedState } from '../src/live/feed'

/** A line of which the test writes the bytes, and time that passes only when told. */
class Stage {
  readonly requests: { lastEventId: string | null; write(text: string): void; end(): void }[] = []
  readonly states: FeedState[] = []
  readonly journal: number[] = []
  readonly hellos: number[] = []
  resumed = 0
  status = 200
  private time = 0
  private readonly timers = new Map<number, { at: number; run: () => void }>()
  private nextTimer = 1
  readonly feed: LiveFeed

  constructor() {
    const listener = {
      state: (state: FeedState) => this.states.push(state),
      hello: (id: number) => this.hellos.push(id),
      resumed: () => (this.resumed += 1),
      journal: (event: JournalEvent) => this.journal.push(event.journal_id),
      positions: () => undefined,
      ping: () => undefined,
    }
    this.feed = new LiveFeed('/api/events', listener, {
      fetch: (_url, init) => this.answer(init),
      now: () => this.time,
      after: (ms, run) => {
        const id = this.nextTimer++
        this.timers.set(id, { at: this.time + ms, run })
        return () => this.timers.delete(id)
      },
      random: () => 0,
    })
  }

  get line() {
    const line = this.requests.at(-1)
    if (!line) throw new Error('nobody has connected')
    return line
  }

  pass(ms: number): void {
    this.time += ms
    for (const [id, timer] of [...this.timers]) {
      if (timer.at > this.time) continue
      this.timers.delete(id)
      timer.run()
    }
  }

  async until(condition: () => boolean): Promise<void> {
    for (let turn = 0; turn < 500; turn++) {
      if (condition()) return
      await new Promise((resolve) => setImmediate(resolve))
    }
    throw new Error(`it never came to pass: ${condition.toString()}`)
  }

  private answer(init: RequestInit | undefined): Promise<Response> {
    const headers = new Headers(init?.headers)
    const encoder = new TextEncoder()
    let controller: ReadableStreamDefaultController<Uint8Array>
    const body = new ReadableStream<Uint8Array>({ start: (given) => void (controller = given) })
    init?.signal?.addEventListener('abort', () => controller.error(new DOMException('aborted', 'AbortError')))
    this.requests.push({
      lastEventId: headers.get('Last-Event-ID'),
      write: (text) => controller.enqueue(encoder.encode(text)),
      end: () => controller.close(),
    })
    return Promise.resolve(new Response(this.status === 200 ? body : null, { status: this.status }))
  }
}

function hello(id: number): string {
  return `event: hello\ndata: {"journal_id": ${id}}\n\n`
}

function row(id: number): string {
  const data = { journal_id: id, at: '2025-08-07T15:19:00+08:00', subject: 'case', subject_id: '1', kind: 'moved', data: {} }
  return `event: journal\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`
}

async function live(): Promise<Stage> {
  const stage = new Stage()
  stage.feed.start()
  await stage.until(() => stage.requests.length === 1)
  stage.line.write(hello(10))
  await stage.until(() => stage.hellos.length === 1)
  return stage
}

describe('the live feed', () => {
  it('starts at now, without a cursor, and is live with the first bytes', async () => {
    const stage = await live()
    expect(stage.line.lastEventId).toBeNull()
    expect(stage.feed.state.name).toBe('live')
    expect(stage.hellos).toEqual([10])
  })

  it('resumes after the last row that it handed on, and hands no row on twice', async () => {
    const stage = await live()
    stage.line.write(row(11) + row(12))
    await stage.until(() => stage.journal.length === 2)
    stage.line.end()
    await stage.until(() => stage.feed.state.name === 'lost')
    stage.pass(1_000)
    await stage.until(() => stage.requests.length === 2)
    expect(stage.line.lastEventId).toBe('12')
    stage.line.write(hello(12) + row(12) + row(13) + row(13))
    await stage.until(() => stage.journal.length === 3)
    expect(stage.journal).toEqual([11, 12, 13])
    expect(stage.resumed).toBe(1)
    expect(stage.hellos).toEqual([10])
  })

  it('tells that there is a gap when the hub starts it anew', async () => {
    const stage = await live()
    stage.line.end()
    await stage.until(() => stage.feed.state.name === 'lost')
    stage.pass(1_000)
    await stage.until(() => stage.requests.length === 2)
    stage.line.write(hello(99))
    await stage.until(() => stage.hellos.length === 2)
    expect(stage.hellos).toEqual([10, 99])
    expect(stage.resumed).toBe(0)
  })

  it('says after five seconds that nothing comes, is live again with the next byte, and at last connects anew', async () => {
    const stage = await live()
    stage.pass(4_000)
    expect(stage.feed.state.name).toBe('live')
    stage.pass(1_000)
    expect(stage.feed.state).toEqual({ name: 'quiet', heardAt: 0 })
    stage.line.write(row(11))
    await stage.until(() => stage.journal.length === 1)
    expect(stage.feed.state.name).toBe('live')
    stage.pass(5_000)
    expect(stage.feed.state.name).toBe('quiet')
    stage.pass(7_000)
    expect(stage.feed.state).toMatchObject({ name: 'lost', heardAt: 5_000 })
  })

  it('reads everything again where the hub has another journal, even one as long', async () => {
    const stage = new Stage()
    stage.feed.start()
    await stage.until(() => stage.requests.length === 1)
    stage.line.write(`id: 10-aaaaaaaaaaaa\n${hello(10)}`)
    await stage.until(() => stage.hellos.length === 1)
    stage.line.end()
    await stage.until(() => stage.feed.state.name === 'lost')
    stage.pass(1_000)
    await stage.until(() => stage.requests.length === 2)
    expect(stage.line.lastEventId).toBe('10-aaaaaaaaaaaa')
    stage.line.write(`id: 10-bbbbbbbbbbbb\n${hello(10)}`)
    await stage.until(() => stage.hellos.length === 2)
    expect(stage.resumed).toBe(0)
  })

  it('takes rows again after a hello that lies behind what it knew', async () => {
    const stage = await live()
    stage.line.write(row(40) + hello(20) + row(21))
    await stage.until(() => stage.journal.length === 2)
    expect(stage.journal).toEqual([40, 21])
    expect(stage.hellos).toEqual([10, 20])
  })

  it('waits longer from try to try, and not at all when asked to', async () => {
    const stage = new Stage()
    stage.status = 503
    stage.feed.start()
    const waits: number[] = []
    for (let attempt = 1; attempt <= 6; attempt++) {
      await stage.until(() => stage.feed.state.name === 'lost')
      const { state } = stage.feed
      if (state.name !== 'lost') throw new Error('not lost')
      const wait = state.retryAt - waits.reduce((sum, each) => sum + each, 0)
      waits.push(wait)
      stage.pass(wait)
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000])
    await stage.until(() => stage.feed.state.name === 'lost')
    stage.feed.retryNow()
    expect(stage.requests).toHaveLength(8)
  })

  it('stops trying when the hub does not know the session any more', async () => {
    const stage = new Stage()
    stage.status = 401
    stage.feed.start()
    await stage.until(() => stage.feed.state.name === 'refused')
    stage.pass(60_000)
    expect(stage.requests).toHaveLength(1)
  })

  it('says nothing more once it is stopped', async () => {
    const stage = await live()
    stage.feed.stop()
    stage.pass(60_000)
    expect(stage.feed.state.name).toBe('idle')
    expect(stage.requests).toHaveLength(1)
    expect(stage.feed.cursor).toBeNull()
  })
})
