import type { WaitingSignal, WaitsFor } from '../api/types'

/**
 * The signal `step` places on from `current`, staying within the list, which is in the order of ids.
 * One that has left the list still has a place in it.
 */
export function neighbourSignal(signals: readonly WaitingSignal[], current: number | null, step: 1 | -1): number | null {
  const ids = signals.map((signal) => signal.signal_id)
  if (current === null) return ids[0] ?? null
  const beyond = step > 0 ? ids.find((id) => id > current) : ids.findLast((id) => id < current)
  return beyond ?? (ids.includes(current) ? current : ((step > 0 ? ids.at(-1) : ids[0]) ?? null))
}

/** What is about the holder or the device, and so is noted or reminded of, but no case. */
export function aboutTheHolder(reason: WaitsFor): boolean {
  return reason === 'low_battery' || reason === 'off_post' || reason === 'camera_blind'
}
