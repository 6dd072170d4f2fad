import { readonly, ref, type Ref } from 'vue'

/** The hub's time on this screen: the local clock set right by the hub's pings, one tick a second. */
export class HubClock {
  private offsetMs = 0
  private readonly tick = ref(Date.now())
  readonly now: Readonly<Ref<number>> = readonly(this.tick)
  private timer: ReturnType<typeof setInterval> | undefined

  start(): void {
    this.timer ??= setInterval(() => this.beat(), 1000)
  }

  /** `at` is an instant that the hub has just sent. */
  set(at: string): void {
    const heard = Date.parse(at)
    if (Number.isNaN(heard)) return
    this.offsetMs = heard - Date.now()
    this.beat()
  }

  /** To the millisecond; `now` follows it once a second. */
  readonly read = (): number => Date.now() + this.offsetMs

  private beat(): void {
    this.tick.value = this.read()
  }
}
