import type { LadderStep } from '../api/types'
import { useWords } from '../i18n/words'

/** A step of the ladder in words. */
export function useLadderWords() {
  const { t } = useWords()

  const span = ({ type, value }: { type: string; value: number }): string => t(`ladder.span.${type}`, { count: value })

  function whenOf(step: LadderStep): string {
    if (step.share_of_limit) return t('ladder.share', { percent: Math.round(step.share_of_limit * 100) })
    return step.after_due?.value ? t('ladder.after', { span: span(step.after_due) }) : t('ladder.atLimit')
  }

  const nameOf = (step: LadderStep): string => (step.letter ? t(`letters.kind.${step.letter}`) : t(`ladder.kind.${step.kind}`))
  const reachesOf = (step: LadderStep): string => step.reaches.map((each) => t(`ladder.addressee.${each}`)).join(t('ladder.comma'))
  const withinOf = (step: LadderStep): string => (step.answer_within ? span(step.answer_within) : '—')

  return { whenOf, nameOf, reachesOf, withinOf }
}
