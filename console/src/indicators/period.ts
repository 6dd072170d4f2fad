import type { PeriodKind } from '../api/types'

/** The kinds that follow one another; any days are written by hand. */
export const STEPPED: readonly PeriodKind[] = ['day', 'week', 'month', 'year', 'all']

/** The key of the day, week, month or year with a day (YYYY-MM-DD) in it. */
export function keyOf(kind: PeriodKind, day: string): string {
  if (kind === 'day') return day
  if (kind === 'week') return weekOf(day)
  if (kind === 'month') return day.slice(0, 7)
  return kind === 'year' ? day.slice(0, 4) : 'all'
}

/** The day after a day. */
export function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10)
}

/** The day before a day. */
export function dayBefore(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10)
}

/** ISO 8601: the week belongs to the year of its Thursday. */
function weekOf(day: string): string {
  const thursday = new Date(`${day}T00:00:00Z`)
  thursday.setUTCDate(thursday.getUTCDate() + 4 - (thursday.getUTCDay() || 7))
  const first = Date.UTC(thursday.getUTCFullYear(), 0, 1)
  const week = Math.ceil(((thursday.getTime() - first) / 86_400_000 + 1) / 7)
  return `${thursday.getUTCFullYear()}-W${String(week).padStart(2, '0')}`
}
