/** Instants are shown in the district's time, wherever the screen stands. */
export class InstantFormat {
  private readonly day: Intl.DateTimeFormat
  private readonly clock: Intl.DateTimeFormat
  private readonly full: Intl.DateTimeFormat
  private readonly key: Intl.DateTimeFormat

  constructor(locale: string, timeZone: string) {
    const clock = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone } as const
    this.clock = new Intl.DateTimeFormat(locale, { ...clock, second: '2-digit' })
    this.day = new Intl.DateTimeFormat(locale, { month: 'short', day: 'numeric', ...clock })
    this.full = new Intl.DateTimeFormat(locale, {
      year: 'numeric',
      month: 'short',
      day: 'numeric',
      weekday: 'short',
      ...clock,
    })
    this.key = new Intl.DateTimeFormat('en-CA', { timeZone })
  }

  /** 15:19:02 */
  time(at: string | number): string {
    return this.clock.format(new Date(at))
  }

  /** 15:19:02 today, 8月7日 15:19 otherwise. */
  short(at: string | number, now: number): string {
    return this.sameDay(at, now) ? this.time(at) : this.day.format(new Date(at))
  }

  long(at: string | number): string {
    return this.full.format(new Date(at))
  }

  private sameDay(at: string | number, now: number): boolean {
    return this.key.format(new Date(at)) === this.key.format(new Date(now))
  }
}
