import type { CommandView, TaskType } from '../api/types'
import { isRunning } from './steps'

/** Who is on the way for this task already, the last one sent first; the case's commands and `sent`, which may be newer. */
export function alreadySent(
  commands: readonly Pick<CommandView, 'type' | 'state' | 'device_id' | 'issued_at'>[],
  sent: readonly string[],
  task: TaskType,
): string[] {
  const running = commands
    .filter((command) => command.type === task && isRunning(command))
    .sort((a, b) => Date.parse(b.issued_at) - Date.parse(a.issued_at))
    .map((command) => command.device_id)
  return [...new Set([...[...sent].reverse(), ...running])]
}
