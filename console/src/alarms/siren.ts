import { shallowReactive } from 'vue'

export type SirenState =
  /** Nothing to sound for. */
  | 'silent'
  | 'sounding'
  /** It should sound, but the browser waits for a click or a key first. */
  | 'blocked'
  /** It should sound, but this person has turned the volume to nothing. */
  | 'off'

const KEPT_AS = 'patrolhub.alarm-volume'
const DEFAULT_VOLUME = 70
const CYCLE_MS = 1_600
/** Start and pitch of the tones of one cycle: two rising pairs, then a pause. */
const TONES: readonly (readonly [number, number])[] = [
  [0, 740],
  [0.18, 988],
  [0.45, 740],
  [0.63, 988],
]
const TONE_S = 0.16
const GESTURES = ['pointerdown', 'keydown'] as const

/** The sound of an alarm: made here, kept per browser, and honest about whether it can be heard. */
export class Siren {
  readonly view = shallowReactive<{ state: SirenState; volume: number }>({ state: 'silent', volume: keptVolume() })
  private context: AudioContext | null = null
  private cycle: ReturnType<typeof setInterval> | undefined
  private wanted = false

  /** Sounds until it is called with false. */
  ring(wanted: boolean): void {
    if (wanted === this.wanted) return
    this.wanted = wanted
    for (const gesture of GESTURES) {
      if (wanted) window.addEventListener(gesture, this.unlock, true)
      else window.removeEventListener(gesture, this.unlock, true)
    }
    clearInterval(this.cycle)
    if (wanted) {
      this.open()
      this.cycle = setInterval(() => this.play(), CYCLE_MS)
      this.play()
    }
    this.judge()
  }

  /** 0 to 100; 0 is off. */
  setVolume(volume: number): void {
    this.view.volume = Math.round(Math.min(100, Math.max(0, volume)))
    localStorage.setItem(KEPT_AS, String(this.view.volume))
    this.judge()
  }

  /** One cycle, so that a person hears how loud it is. */
  async test(): Promise<void> {
    await this.open().resume()
    this.play()
  }

  /** Call it in a click: browsers let a page sound only after one. Turns the sound on, too. */
  readonly turnOn = (): void => {
    if (this.view.volume === 0) this.setVolume(DEFAULT_VOLUME)
    this.unlock()
  }

  private readonly unlock = (): void => {
    const context = this.open()
    if (context.state !== 'running') void context.resume().then(() => this.play())
  }

  private open(): AudioContext {
    if (this.context) return this.context
    this.context = new AudioContext()
    this.context.addEventListener('statechange', () => this.judge())
    return this.context
  }

  private judge(): void {
    const heard = this.context?.state === 'running'
    this.view.state = !this.wanted ? 'silent' : this.view.volume === 0 ? 'off' : heard ? 'sounding' : 'blocked'
  }

  private play(): void {
    const { context } = this
    if (context?.state !== 'running' || this.view.volume === 0) return
    for (const [after, pitch] of TONES) this.tone(context, context.currentTime + after, pitch)
  }

  private tone(context: AudioContext, at: number, pitch: number): void {
    const source = context.createOscillator()
    const gain = context.createGain()
    // What people hear as half as loud is much less than half of the amplitude.
    const loudness = (this.view.volume / 100) ** 2 * 0.6
    source.type = 'square'
    source.frequency.value = pitch
    gain.gain.setValueAtTime(0, at)
    gain.gain.linearRampToValueAtTime(loudness, at + 0.015)
    gain.gain.setValueAtTime(loudness, at + TONE_S - 0.03)
    gain.gain.linearRampToValueAtTime(0, at + TONE_S)
    source.connect(gain).connect(context.destination)
    source.start(at)
    source.stop(at + TONE_S)
  }
}

function keptVolume(): number {
  const kept = typeof localStorage === 'undefined' ? null : localStorage.getItem(KEPT_AS)
  const volume = Number(kept ?? DEFAULT_VOLUME)
  return Number.isFinite(volume) && volume >= 0 && volume <= 100 ? volume : DEFAULT_VOLUME
}
