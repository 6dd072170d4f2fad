import { rings } from '../alarms/rings'
import type { CaseState, CaseSummary } from '../api/types'

/** A case that nobody has routed yet must leave the hall within this time. */
const ROUTE_WITHIN_S = 15 * 60
const NEAR_S = 2 * 3600

const ENDED: readonly CaseState[] = ['CLOSED', 'MERGED', 'VOID']
/** From feedback on the unit's clock stands still; a failed check starts it again. */
const CLOCK_STOPPED: readonly CaseState[] = ['FEEDBACK', 'VERIFYING', 'CALLBACK']

export type DeadlineTone = 'calm' | 'near' | 'overdue' | 'stopped' | 'ended'

export interface Deadline {
  tone: DeadlineTone
  /** Seconds to the limit, negative once past it; null where no clock runs or none is known. */
  leftS: number | null
  /** Whether the limit is the unit's (`due_at`) or the hall's own for routing. */
  of: 'unit' | 'hall'
}

type Timed = Pick<CaseSummary, 'state' | 'due_at' | 'filed_at' | 'overdue'>

export function isOpen(state: CaseState): boolean {
  return !ENDED.includes(state)
}

export function deadlineOf(subject: Timed, now: number): Deadline {
  if (!isOpen(subject.state)) return { tone: 'ended', leftS: null, of: 'unit' }
  if (CLOCK_STOPPED.includes(subject.state)) return { tone: 'stopped', leftS: null, of: 'unit' }
  const { at, of } = limitOf(subject)
  if (subject.state === 'JOINT_STUDY' && of === 'hall') return { tone: 'calm', leftS: null, of }
  const leftS = (at - now) / 1000
  if (of === 'unit' && (subject.overdue || leftS < 0)) return { tone: 'overdue', leftS, of }
  return { tone: leftS < NEAR_S ? 'near' : 'calm', leftS, of }
}

function limitOf(subject: Timed): { at: number; of: Deadline['of'] } {
  if (subject.due_at) return { at: Date.parse(subject.due_at), of: 'unit' }
  return { at: Date.parse(subject.filed_at) + ROUTE_WITHIN_S * 1000, of: 'hall' }
}

const SEVERITY_ORDER = { high: 0, mid: 1, low: 2 } as const

/** Open before ended; then the alarms that ring, then overdue, then the nearest limit; the graver first where limits are equal. */
export function compareUrgency(a: CaseSummary, b: CaseSummary): number {
  const open = Number(isOpen(b.state)) - Number(isOpen(a.state))
  if (open !== 0) return open
  if (!isOpen(a.state)) return b.case_id - a.case_id
  const ringing = Number(rings(b)) - Number(rings(a))
  if (ringing !== 0) return ringing
  const late = Number(b.overdue) - Number(a.overdue)
  if (late !== 0) return late
  return limitOf(a).at - limitOf(b).at || SEVERITY_ORDER[a.severity] - SEVERITY_ORDER[b.severity] || a.case_id - b.case_id
}
