import type { CaseSummary } from '../api/types'

/** Whether a case is a call for help that nobody has acknowledged. */
export function rings(subject: Pick<CaseSummary, 'alarm'>): boolean {
  return subject.alarm !== null && subject.alarm.acknowledged_at === null
}
