import type { ComposerTranslation } from 'vue-i18n'

import type { ScoreTerm } from '../api/types'

/** What a term scores: a rate, one less a rate, or how often a unit was pressed. */
export function scoredBy(term: ScoreTerm, rateName: (key: string) => string, t: ComposerTranslation): string {
  if (term.rate) return term.direction === 'down' ? t('scores.less', { rate: rateName(term.rate) }) : rateName(term.rate)
  return Object.keys(term.minus ?? {}).map((each) => t(`indicators.press.${each}`)).join(t('scores.and'))
}

/** How its points are made, as a formula. */
export function formula(term: ScoreTerm, rateName: (key: string) => string, t: ComposerTranslation): string {
  const { weight } = term
  if (term.rate) return t(term.direction === 'down' ? 'scores.timesLess' : 'scores.times', { weight, rate: rateName(term.rate) })
  const minus = Object.entries(term.minus ?? {}).map(([each, points]) => t('scores.minus', { points, what: t(`indicators.press.${each}`) }))
  return [weight, ...minus].join(' ')
}

/** A bound, or a dash. */
export const bound = (value: number | null | undefined): string => (value === null || value === undefined ? '—' : String(value))
