/** For how long a signal is put off at one click. */
export const SNOOZES = ['hours_1', 'hours_4', 'tomorrow', 'days_3', 'days_7'] as const
export type Snooze = (typeof SNOOZES)[number]

const HOUR_MS = 3_600_000
const MORNING = 8

export function snoozedUntil(choice: Snooze, now: Date): Date {
  switch (choice) {
    case 'hours_1':
      return new Date(now.getTime() + HOUR_MS)
    case 'hours_4':
      return new Date(now.getTime() + 4 * HOUR_MS)
    case 'days_3':
      return new Date(now.getTime() + 72 * HOUR_MS)
    case 'days_7':
      return new Date(now.getTime() + 168 * HOUR_MS)
    case 'tomorrow': {
      const at = new Date(now)
      at.setDate(at.getDate() + 1)
      at.setHours(MORNING, 0, 0, 0)
      return at
    }
  }
}
