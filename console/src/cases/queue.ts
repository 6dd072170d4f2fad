import type { CaseState, CaseSummary } from '../api/types'
import { rings } from '../alarms/rings'
import { deadlineOf } from './deadline'
import { decidesVoid } from './transitions'

/** What waits for the hall, and what waits for a unit. */
const HALL: readonly CaseState[] = ['FILED', 'JOINT_STUDY', 'FEEDBACK', 'VERIFYING', 'CALLBACK', 'REOPENED']
const UNIT: readonly CaseState[] = ['ROUTED', 'HANDLING']

export type QueuePart = 'all' | 'mine' | 'overdue' | 'void'

/** Who looks at the queue: the hall operates, a unit handles, others only read. `actor` is the name in the journal. */
export interface Viewer {
  operates: boolean
  handles: boolean
  actor: string | null
}

/** An alarm that nobody has acknowledged waits for the hall, wherever its case has got to. */
export function waitsFor({ operates, handles, actor }: Viewer, subject: Pick<CaseSummary, 'state' | 'void_asked_by' | 'alarm'>): boolean {
  if (!operates) return handles && UNIT.includes(subject.state)
  return rings(subject) || HALL.includes(subject.state) || decidesVoid(subject, actor)
}

export function partOf(part: QueuePart, viewer: Viewer, subject: CaseSummary, now: number): boolean {
  if (part === 'void') return subject.void_asked_by !== null
  if (part === 'overdue') return deadlineOf(subject, now).tone === 'overdue'
  return part === 'all' || waitsFor(viewer, subject)
}

/** The case `step` places on from `current`, staying within the list. */
export function neighbour(queue: readonly CaseSummary[], current: number | null, step: 1 | -1): number | null {
  const at = queue.findIndex((subject) => subject.case_id === current)
  if (at < 0) return queue[0]?.case_id ?? null
  return queue[Math.min(queue.length - 1, Math.max(0, at + step))]?.case_id ?? null
}

/** The next case, round from `current`, that waits for the viewer. */
export function nextWaiting(queue: readonly CaseSummary[], current: number | null, viewer: Viewer): number | null {
  const at = queue.findIndex((subject) => subject.case_id === current)
  const round = [...queue.slice(at + 1), ...queue.slice(0, Math.max(0, at))]
  return round.find((subject) => waitsFor(viewer, subject))?.case_id ?? null
}
