import type { CommandState, CommandView } from '../api/types'

/** The way that every command hopes to go. */
export const WAY: readonly CommandState[] = [
  'created',
  'queued',
  'sent',
  'delivered',
  'accepted',
  'in_progress',
  'succeeded',
]

const RUNNING: readonly CommandState[] = WAY.slice(0, -1)

/** Until then `expires_at` counts: it is how long the order may take to reach its device. */
const UNDELIVERED: readonly CommandState[] = ['created', 'queued', 'sent']

export function isUndelivered(command: Pick<CommandView, 'state'>): boolean {
  return UNDELIVERED.includes(command.state)
}

export interface Step {
  state: CommandState
  at: string | null
  mark: 'done' | 'now' | 'todo' | 'skipped' | 'broken'
}

export function isRunning(command: Pick<CommandView, 'state'>): boolean {
  return RUNNING.includes(command.state)
}

/** The way so far: what was reached and when, where it is, or where it broke off. */
export function stepsOf(command: Pick<CommandView, 'state' | 'history'>): Step[] {
  const reached = new Map(command.history.filter((step) => step.counted).map((step) => [step.state, step.at]))
  const onWay = WAY.includes(command.state)
  const furthest = Math.max(WAY.indexOf(command.state), ...WAY.map((state, index) => (reached.has(state) ? index : -1)))
  const steps = WAY.map((state, index): Step => {
    const at = reached.get(state) ?? null
    if (state === command.state) return { state, at, mark: state === 'succeeded' ? 'done' : 'now' }
    if (index < furthest || reached.has(state)) return { state, at, mark: at ? 'done' : 'skipped' }
    return { state, at, mark: 'todo' }
  })
  if (onWay) return steps
  const kept = steps.filter((step) => step.mark === 'done')
  return [...kept, { state: command.state, at: reached.get(command.state) ?? null, mark: 'broken' }]
}
