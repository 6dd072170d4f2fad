import type { CalendarDay } from '../api/types'

/** A month as a sheet of weeks that begin on Monday; null stands for a day of another month. */
export interface MonthSheet {
  month: number
  weeks: (CalendarDay | null)[][]
  workdays: number
}

/** The twelve months of a year's days. */
export function monthSheets(days: readonly CalendarDay[]): MonthSheet[] {
  return Array.from({ length: 12 }, (_, index) => {
    const own = days.filter((each) => Number(each.day.slice(5, 7)) === index + 1)
    const cells: (CalendarDay | null)[] = own[0] ? Array.from({ length: weekday(own[0].day) }, () => null) : []
    cells.push(...own)
    while (cells.length % 7 !== 0) cells.push(null)
    const weeks = Array.from({ length: cells.length / 7 }, (_, week) => cells.slice(week * 7, week * 7 + 7))
    return { month: index + 1, weeks, workdays: own.filter((each) => each.is_workday).length }
  })
}

/** 0 is Monday. */
export function weekday(day: string): number {
  return (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7
}

/** Whether a day counts otherwise than its weekday says: a holiday, or a worked Saturday. */
export function differs(day: CalendarDay): boolean {
  return day.is_workday !== weekday(day.day) < 5
}
