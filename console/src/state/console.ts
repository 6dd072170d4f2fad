import { inject, shallowReactive, type InjectionKey } from 'vue'

import { Http } from '../api/http'
import { Hub } from '../api/hub'
import type { Dashboard, District, JournalEvent } from '../api/types'
import { AlarmBoard } from './alarms'
import { CaseBoard } from './cases'
import { HubClock } from './clock'
import { DeviceBoard } from './devices'
import { Drafts } from './drafts'
import { FenceBoard } from './fences'
import { LiveLine } from './live'
import { QueueList } from './queue'
import { Session } from './session'
import { WaitingBoard } from './waiting'

const NUMBERS_AFTER_MS = 1_500

/** All that outlives a page: the session, the live line, and what it keeps up to date. */
export class ConsoleStore {
  readonly http = new Http()
  readonly hub = new Hub(this.http)
  readonly clock = new HubClock()
  readonly session = new Session(this.hub)
  readonly drafts = new Drafts(() => this.session.view.account?.username ?? null)
  readonly alarms = new AlarmBoard(this.hub)
  readonly cases = new CaseBoard(this.hub)
  readonly queue = new QueueList(this.hub)
  readonly devices = new DeviceBoard(this.hub)
  readonly fences = new FenceBoard(this.hub)
  readonly waiting = new WaitingBoard(this.hub)
  readonly district = shallowReactive<{ value: District | null }>({ value: null })
  readonly numbers = shallowReactive<{ value: Dashboard | null }>({ value: null })
  readonly live = new LiveLine(
    {
      reload: () => this.reload(),
      resumed: () => this.readDevices(),
      journal: (event) => this.heard(event),
      positions: (items) => this.session.observes && this.devices.moved(items),
      ping: (at) => this.clock.set(at),
      refused: () => this.session.expire(),
    },
    this.clock.read,
  )
  private readonly listeners = new Set<(event: JournalEvent) => void>()
  private numbersTimer: ReturnType<typeof setTimeout> | undefined

  constructor() {
    this.http.onUnauthorised = () => this.session.expire()
  }

  /** Call once somebody is logged in. */
  async open(): Promise<void> {
    this.clock.start()
    if (this.session.may('read')) {
      this.alarms.open()
      this.live.start()
    }
    this.district.value ??= await this.hub.district()
  }

  close(): void {
    this.live.stop()
    this.alarms.close()
    this.cases.clear()
    this.queue.clear()
    this.devices.clear()
    this.fences.clear()
    this.waiting.close()
    this.numbers.value = null
  }

  /** Calls `listener` on every journal row until the returned function is called. */
  onJournal(listener: (event: JournalEvent) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  private reload(): void {
    void this.alarms.load()
    void this.cases.load()
    void this.queue.again()
    this.readDevices()
    this.readFences()
    this.count()
    const selected = this.cases.view.selectedId
    if (selected !== null) this.cases.touch(selected)
    void this.waiting.reload()
  }

  private heard(event: JournalEvent): void {
    this.alarms.heard(event)
    this.cases.heard(event)
    this.queue.heard(event)
    this.waiting.heard(event)
    if (this.session.observes) {
      this.devices.heard(event)
      this.fences.heard(event)
    }
    this.countSoon()
    for (const listener of this.listeners) listener(event)
  }

  private countSoon(): void {
    this.numbersTimer ??= setTimeout(() => {
      this.numbersTimer = undefined
      this.count()
    }, NUMBERS_AFTER_MS)
  }

  /** Where people are is no business of a unit, and the hub would refuse. */
  private readDevices(): void {
    if (this.session.observes) void this.devices.load()
  }

  private readFences(): void {
    if (this.session.observes) void this.fences.load()
  }

  private count(): void {
    if (!this.session.observes) return
    this.hub.dashboard().then(
      (numbers) => (this.numbers.value = numbers),
      // The header's numbers are a convenience: without them the page still says everything.
      () => undefined,
    )
  }
}

export const CONSOLE_STORE: InjectionKey<ConsoleStore> = Symbol('console')

export function useConsole(): ConsoleStore {
  const found = inject(CONSOLE_STORE)
  if (!found) throw new Error('the console was not provided')
  return found
}
