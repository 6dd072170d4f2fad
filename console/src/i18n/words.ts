import { computed } from 'vue'
import { useI18n } from 'vue-i18n'

import { Refused, Unreachable } from '../api/http'
import { useConsole } from '../state/console'
import { formatAge, formatDuration, type DurationWords } from '../time/duration'
import { InstantFormat } from '../time/instant'

const ORIGIN_CHECKS = ['after_routing', 'within_reach', 'not_used', 'new_picture', 'known_sender'] as const

/** As a title begins: the words of labels also stand inside sentences, in small letters. */
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

type Bilingual<K extends string> = { [P in `${K}_zh` | `${K}_en`]: string | null }

/** Everything that a page needs to say something: texts, names in the reader's tongue, times and ages. */
export function useWords() {
  const { t, te, locale } = useI18n()
  const store = useConsole()
  const language = computed(() => (locale.value === 'en' ? 'en' : 'zh'))
  const units = computed<DurationWords>(() => ({
    days: t('unit.days'),
    hours: t('unit.hours'),
    minutes: t('unit.minutes'),
    seconds: t('unit.seconds'),
  }))
  const ages = computed<DurationWords>(() => ({
    days: t('age.days'),
    hours: t('age.hours'),
    minutes: t('age.minutes'),
    seconds: t('age.seconds'),
  }))
  const instants = computed(
    () => new InstantFormat(locale.value, store.district.value?.timezone ?? 'Asia/Shanghai'),
  )

  /** The text of `field` in the reader's tongue, or in the other one where it lacks. */
  function pick<K extends string>(from: Bilingual<K>, field: K): string {
    const texts = from as Record<string, string | null>
    const other = language.value === 'zh' ? 'en' : 'zh'
    return texts[`${field}_${language.value}`] || texts[`${field}_${other}`] || ''
  }

  /** A word that the hub may know before the console does: then the word itself. */
  function term(scope: string, word: string | null | undefined): string {
    if (!word) return ''
    return te(`${scope}.${word}`) ? t(`${scope}.${word}`) : word
  }

  /** Why an order was given or ended: a code of the hub's, another device's end, or what a person wrote. */
  function commandReason(reason: string): string {
    const other = /^([A-Za-z]+-[\w-]+): (\w+)$/.exec(reason)
    if (other && te(`command.state.${other[2]}`)) return t('command.after', { device: other[1]!, state: t(`command.state.${other[2]}`) })
    if (te(`command.reason.${reason}`)) return t(`command.reason.${reason}`)
    return te(`video.endedBy.${reason}`) ? t(`video.endedBy.${reason}`) : term('waiting.why', reason)
  }

  /** What a signal is about: the catalogue's title, else what the source called it. */
  function signalTitle(signal: { title_zh: string | null; title_en: string | null; label: string | null }): string {
    return capital(pick(signal, 'title') || term('label', signal.label) || t('waiting.unknown'))
  }

  /** Who did it, from the journal's user:NAME, device:ID or system:PART. */
  function actor(name: string | null): string {
    if (name === null || name.startsWith('system:') || name === 'system') return t('case.system')
    return name.replace(/^(user|device):/, '')
  }

  function ageS(at: string | number): number {
    return (store.clock.now.value - new Date(at).getTime()) / 1000
  }

  /** Several things as one writes them in a sentence: A、B or A, B. */
  const listed = (items: readonly string[]): string => items.join(language.value === 'zh' ? '、' : ', ')

  const duration = (seconds: number): string => formatDuration(seconds, units.value).trim()
  const span = (seconds: number): string => formatAge(seconds, ages.value).trim()

  function ago(at: string | number | null): string {
    if (at === null) return t('time.never')
    const seconds = ageS(at)
    return seconds < 2 ? t('time.justNow') : t('time.ago', { age: span(seconds) })
  }

  /** Why a step was not taken; of a photo also which checks of its origin it failed. */
  function refusal(guard: string, detail: string): string {
    if (guard !== 'provenance') return t(`guard.${guard}`)
    const failed = ORIGIN_CHECKS.filter((check) => detail.includes(`${check}:`)).map((check) => t(`originCheck.${check}`))
    return [t('guard.provenance'), ...new Set(failed)].join(' · ')
  }

  /** What went wrong, in words that say what to do. */
  function problem(error: unknown): string {
    if (error instanceof Unreachable) return t('problem.unreachable')
    if (!(error instanceof Refused)) return String(error)
    if (error.code === 'illegal-transition') return t('problem.illegal')
    const { guard, detail } = error.problem
    if (typeof guard === 'string' && te(`guard.${guard}`)) return refusal(guard, detail ?? '')
    // The hub's own sentence is English, and more exact; elsewhere its kind is said in the reader's tongue.
    if (detail && language.value === 'en') return detail
    const known = `problem.kind.${error.code.replaceAll('-', '_')}`
    return te(known) ? t(known) : t('problem.other', { status: error.status })
  }

  return {
    t,
    te,
    actor,
    language,
    pick,
    term,
    commandReason,
    signalTitle,
    listed,
    duration,
    span,
    ago,
    ageS,
    problem,
    time: (at: string | number) => instants.value.time(at),
    short: (at: string | number) => instants.value.short(at, store.clock.now.value),
    long: (at: string | number) => instants.value.long(at),
  }
}
