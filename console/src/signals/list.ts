import type { WaitingSignal, WaitsFor } from '../api/types'

/** The signal that is looked at once this one is decided: the next one, or the one before at the end. */
export function afterSignal(signals: readonly WaitingSignal[], decided: number): number | null {
  const at = signals.findIndex((signal) => signal.signal_id === decided)
  if (at < 0) return neighbourSignal(signals, decided, 1)
  return (signals[at + 1] ?? signals[at - 1])?.signal_id ?? null
}

/**
 * The signal `step` places on from `current`, staying within the list. One that has left the list goes on
 * where its id would be.
 */
export function neighbourSignal(signals: readonly WaitingSignal[], current: number | null, step: 1 | -1): number | null {
  const ids = signals.map((signal) => signal.signal_id)
  if (current === null) return ids[0] ?? null
  const at = ids.indexOf(current)
  if (at >= 0) return ids[at + step] ?? current
  const beyond = step > 0 ? ids.find((id) => id > current) : ids.findLast((id) => id < current)
  return beyond ?? (step > 0 ? ids.at(-1) : ids[0]) ?? null
}

/** What is about the holder or the device, and so is noted or reminded of, but no case. */
export function aboutTheHolder(reason: WaitsFor): boolean {
  return reason === 'low_battery' || reason === 'off_post' || reason === 'camera_blind'
}
