import type { ApprovalKind, CaseDetail, CaseEvent } from '../api/types'

/** What a person must or may say with each event of the case table. */
export type Field = 'satisfaction' | 'step' | 'unit' | 'units' | 'into' | 'condition' | 'person' | 'plan' | 'text' | 'photos' | 'until' | 'reason'

export type Given = Partial<Record<Field, string | number | null | readonly string[]>>

export interface TransitionForm {
  event: CaseEvent
  /** What it is called: the event, or what it means for this person now. */
  word: string
  tone: 'primary' | 'success' | 'warning' | 'danger'
  required: readonly Field[]
  optional: readonly Field[]
  /** Seldom wanted: it stands behind "more". */
  rare?: boolean
  /** Whether it makes sense now, beyond what the hub allows in this state. */
  when?(detail: CaseDetail): boolean
  /** What it means to this person, where that is not the same for all; null where it is not for them. */
  meaning?(detail: CaseDetail, me: string | null): Partial<TransitionForm> | null
}

const STUDY_UNITS = 2

const running = (detail: CaseDetail): boolean => detail.suspended_until === null

/** Whether a request of this kind waits: then it is decided where it is shown. */
const waits = (detail: CaseDetail, kind: ApprovalKind): boolean => detail.requests.some((request) => request.kind === kind)

/** Whether the running step of a staged limit is not the last. */
const stepsFollow = (detail: CaseDetail): boolean => detail.step !== null && detail.step + 1 < detail.steps.length

/** In the order in which the buttons stand: the usual way forward first, ends last. */
const FORMS: readonly Omit<TransitionForm, 'word'>[] = [
  { event: 'route', tone: 'primary', required: [], optional: ['unit', 'reason'] },
  { event: 'sign', tone: 'primary', required: ['person', 'plan'], optional: [] },
  { event: 'resume', tone: 'primary', required: [], optional: ['reason'], when: (detail) => !running(detail) },
  { event: 'step_done', tone: 'primary', required: ['text', 'photos'], optional: [], when: (detail) => running(detail) && stepsFollow(detail) },
  { event: 'feedback', tone: 'primary', required: ['text', 'photos'], optional: [], when: (detail) => running(detail) && !stepsFollow(detail) },
  { event: 'pass', tone: 'success', required: [], optional: ['text'] },
  { event: 'satisfied', tone: 'success', required: ['satisfaction', 'text'], optional: [] },
  { event: 'explain', tone: 'warning', required: ['reason'], optional: [], when: (detail) => detail.overdue },
  { event: 'fail', tone: 'warning', required: ['reason'], optional: [] },
  { event: 'not_satisfied', tone: 'warning', required: ['reason'], optional: ['text'] },
  { event: 'unreachable', tone: 'warning', required: [], optional: ['text'] },
  { event: 'refer_study', tone: 'warning', required: ['units'], optional: ['reason'] },
  { event: 'return', tone: 'warning', required: ['reason'], optional: [] },
  {
    event: 'extend',
    tone: 'warning',
    required: ['reason'],
    optional: [],
    when: (detail) => running(detail) && !detail.overdue && !waits(detail, 'extension'),
  },
  { event: 'suspend', tone: 'warning', required: ['until', 'reason'], optional: [], when: (detail) => running(detail) && !waits(detail, 'suspension') },
  { event: 'escalate', tone: 'warning', required: ['condition'], optional: ['reason'], rare: true },
  { event: 'merge', tone: 'warning', required: ['into'], optional: ['reason'], rare: true },
  { event: 'begin_step', tone: 'warning', required: ['step', 'reason', 'photos'], optional: [], rare: true, when: (detail) => running(detail) && stepsFollow(detail) },
  { event: 'recur', tone: 'warning', required: [], optional: ['reason'], rare: true },
  { event: 'void', tone: 'danger', required: ['reason'], optional: [], rare: true, meaning: voidMeans },
  { event: 'keep', tone: 'warning', required: ['reason'], optional: [], meaning: keepMeans },
]

/** A case of high severity is voided by two people: one asks, another confirms or declines. */
function voidMeans(detail: CaseDetail, me: string | null): Partial<TransitionForm> | null {
  if (detail.severity !== 'high') return {}
  if (detail.void_asked_by === null) return { word: 'void_ask' }
  return detail.void_asked_by === me ? null : { word: 'void_confirm', rare: false }
}

function keepMeans(detail: CaseDetail, me: string | null): Partial<TransitionForm> | null {
  if (detail.void_asked_by === null) return null
  return { word: detail.void_asked_by === me ? 'keep_own' : 'keep' }
}

/** The forms for what the hub allows `me` now. Events that only the system raises have none. */
export function formsFor(detail: CaseDetail, me: string | null = null): TransitionForm[] {
  return FORMS.flatMap((form) => {
    if (!detail.allowed.includes(form.event) || !(form.when?.(detail) ?? true)) return []
    const meaning = form.meaning ? form.meaning(detail, me) : {}
    return meaning ? [{ ...form, word: form.event, ...meaning }] : []
  })
}

/** Whether somebody else asked to void the case, so that this person may decide. */
export function decidesVoid(subject: Pick<CaseDetail, 'void_asked_by'>, me: string | null): boolean {
  return subject.void_asked_by !== null && subject.void_asked_by !== me
}

/** Under which name a browser keeps what was typed into a form of a case. */
export function draftScope(caseId: number, event: CaseEvent): string {
  return `case/${caseId}/${event}`
}

export function missingFields(form: TransitionForm, given: Given): Field[] {
  return form.required.filter((field) => !isGiven(field, given[field]))
}

function isGiven(field: Field, value: Given[Field]): boolean {
  if (value === undefined || value === null) return false
  if (typeof value === 'number') return true
  if (typeof value === 'string') return value.trim() !== ''
  return value.length >= (field === 'units' ? STUDY_UNITS : 1)
}
