/** A length of time cut to its two largest units: 1 d 4 h, 3 h 20 m, 12 m 5 s, 8 s. */
export interface DurationParts {
  days: number
  hours: number
  minutes: number
  seconds: number
}

export function splitSeconds(totalS: number): DurationParts {
  const whole = Math.max(0, Math.floor(totalS))
  return {
    days: Math.floor(whole / 86_400),
    hours: Math.floor((whole % 86_400) / 3_600),
    minutes: Math.floor((whole % 3_600) / 60),
    seconds: whole % 60,
  }
}

export type DurationWords = Record<keyof DurationParts, string>

/** For a countdown: two units, so that a glance shows both the size and that it moves. */
export function formatDuration(totalS: number, words: DurationWords): string {
  const parts = splitSeconds(totalS)
  if (parts.days > 0) return `${parts.days}${words.days}${parts.hours}${words.hours}`
  if (parts.hours > 0) return `${parts.hours}${words.hours}${pad(parts.minutes)}${words.minutes}`
  if (parts.minutes > 0) return `${parts.minutes}${words.minutes}${pad(parts.seconds)}${words.seconds}`
  return `${parts.seconds}${words.seconds}`
}

/** For the age of a datum: one unit, the largest. */
export function formatAge(totalS: number, words: DurationWords): string {
  const parts = splitSeconds(totalS)
  for (const unit of ['days', 'hours', 'minutes'] as const) {
    if (parts[unit] > 0) return `${parts[unit]}${words[unit]}`
  }
  return `${parts.seconds}${words.seconds}`
}

/** 12:34 for a player's remaining time. */
export function formatClock(totalS: number): string {
  const whole = Math.max(0, Math.floor(totalS))
  return `${pad(Math.floor(whole / 60))}:${pad(whole % 60)}`
}

function pad(value: number): string {
  return String(value).padStart(2, '0')
}
