import { shallowReactive } from 'vue'

import type { JournalEvent, MovedDevice } from '../api/types'
import { browserParts, LiveFeed, type FeedListener, type FeedState } from '../live/feed'

export interface LiveTargets {
  /** All that is shown must be read again. */
  reload(): void
  /** Only what the journal does not carry must be read again. */
  resumed(): void
  journal(event: JournalEvent): void
  positions(items: MovedDevice[]): unknown
  ping(at: string): void
  refused(): void
}

/** How long the line must be away before the screen says so; a proxy's blink is no news. */
const BLINK_MS = 600
const RECOVERED_SHOWN_MS = 6_000

/** The live line as the screen shows it: its state, since when it is away, what came in afterwards. */
export class LiveLine {
  readonly view = shallowReactive<{
    state: FeedState
    away: boolean
    lostSince: number | null
    caughtUp: number | null
  }>({ state: { name: 'idle' }, away: false, lostSince: null, caughtUp: null })
  private readonly feed: LiveFeed
  private missed = 0
  private awayTimer: ReturnType<typeof setTimeout> | undefined
  private caughtUpTimer: ReturnType<typeof setTimeout> | undefined

  /** `now` is the hub's time (ms), in which the ages on the screen are counted. */
  constructor(
    private readonly targets: LiveTargets,
    private readonly now: () => number,
  ) {
    const listener: FeedListener = {
      state: (state) => this.entered(state),
      hello: () => targets.reload(),
      resumed: () => targets.resumed(),
      journal: (event) => {
        this.missed += 1
        targets.journal(event)
      },
      positions: (items) => targets.positions(items),
      ping: (at) => targets.ping(at),
    }
    this.feed = new LiveFeed('/api/events', listener, { ...browserParts, now })
  }

  start(): void {
    this.feed.start()
    window.addEventListener('online', this.retry)
  }

  stop(): void {
    window.removeEventListener('online', this.retry)
    this.feed.stop()
    clearTimeout(this.awayTimer)
    this.awayTimer = undefined
    Object.assign(this.view, { away: false, lostSince: null, caughtUp: null })
  }

  readonly retry = (): void => this.feed.retryNow()

  private entered(state: FeedState): void {
    this.view.state = state
    if (state.name === 'lost') this.wentAway(state.heardAt ?? this.now())
    if (state.name === 'quiet') this.wentAway(state.heardAt)
    if (state.name === 'live' && this.view.lostSince !== null) this.cameBack()
    if (state.name === 'refused') this.targets.refused()
  }

  private wentAway(heardAt: number): void {
    if (this.view.lostSince !== null) return
    this.view.lostSince = heardAt
    this.view.caughtUp = null
    this.awayTimer = setTimeout(() => (this.view.away = true), BLINK_MS)
  }

  private cameBack(): void {
    clearTimeout(this.awayTimer)
    this.view.lostSince = null
    this.missed = 0
    if (!this.view.away) return
    this.view.away = false
    clearTimeout(this.caughtUpTimer)
    // The rows missed arrive at once after the line is back, so a second's count is theirs.
    setTimeout(() => (this.view.caughtUp = this.missed), 1_000)
    this.caughtUpTimer = setTimeout(() => (this.view.caughtUp = null), RECOVERED_SHOWN_MS)
  }
}
