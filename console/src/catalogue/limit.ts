import type { Condition, LimitStep } from '../api/types'

type Say = (key: string, facts: Record<string, unknown>) => string

/** A limit in the reader's words, as `2 个工作日`. */
export function limitText(limit: Condition | LimitStep, say: Say): string {
  if (!limit.limit_type) return ''
  const text = say(`catalogue.limit.${limit.limit_type}`, { value: limit.limit_value })
  return limit.policy === 'end_of_day_from_next' ? `${text} · ${say('catalogue.limit.endOfDay', {})}` : text
}

/** Those of all steps, or the one limit. */
export function limitsText(condition: Condition, say: Say): string {
  return condition.steps?.length ? condition.steps.map((step) => limitText(step, say)).join(' → ') : limitText(condition, say)
}
