import type { ApprovalKind, CaseDetail, CaseEvent, CaseRequest, CaseSummary } from '../api/types'

export type Verb = 'grant' | 'refuse' | 'withdraw'

/** The event that grants a request. */
export const EVENT_OF: Record<ApprovalKind, CaseEvent> = { extension: 'extend', suspension: 'suspend', appeal: 'appeal', void: 'void' }

const MAX_EXTENSIONS = 2

/** What `detail`'s reader may ask for, and makes sense now. Voiding is asked for by its own form. */
export function asksFor(detail: CaseDetail): ApprovalKind[] {
  return detail.askable.filter((kind) => {
    switch (kind) {
      case 'extension':
        return detail.suspended_until === null && !detail.overdue && detail.extensions < MAX_EXTENSIONS
      case 'suspension':
        return detail.suspended_at === null
      case 'appeal':
        return detail.exempt_at === null && wasLate(detail)
      case 'void':
        return false
    }
  })
}

/** Whether a case waits for its unit longer than it may; what came later is in the timeline. */
export function dispatchIsLate(subject: Pick<CaseSummary, 'dispatch_late_at' | 'state'>): boolean {
  return subject.dispatch_late_at !== null && ['FILED', 'REOPENED'].includes(subject.state)
}

/** Whether the case was flagged as overdue, or fed back after its deadline. */
export function wasLate(detail: CaseDetail): boolean {
  const fedBackLate = detail.feedback_at !== null && detail.due_at !== null && Date.parse(detail.feedback_at) > Date.parse(detail.due_at)
  return detail.overdue_at !== null || fedBackLate || detail.timeline.some((entry) => entry.event === 'overdue' && entry.from_state !== 'JOINT_STUDY')
}

/** What a person may do with a request: their own they withdraw, others' they decide about if the hub allows it. */
export function verbsFor(request: CaseRequest, detail: CaseDetail, me: string | null): Verb[] {
  if (request.asked_by === me) return ['withdraw']
  return detail.allowed.includes(EVENT_OF[request.kind]) ? ['grant', 'refuse'] : []
}
