/** What a person must or may say with each event of the case table. */
export type Field = 'reason' | 'person' | 'plan' | 'text' | 'photos' | 'unit'

export interface TransitionForm {
  event: string
  tone: 'primary' | 'success' | 'warning' | 'danger'
  required: readonly Field[]
  optional: readonly Field[]
}

/** In the order in which the buttons stand: the usual way forward first, ends last. */
const FORMS: readonly TransitionForm[] = [
  { event: 'route', tone: 'primary', required: [], optional: ['unit', 'reason'] },
  { event: 'rule', tone: 'primary', required: ['unit', 'text'], optional: [] },
  { event: 'sign', tone: 'primary', required: ['person'], optional: ['plan'] },
  { event: 'feedback', tone: 'primary', required: ['text', 'photos'], optional: [] },
  { event: 'pass', tone: 'success', required: [], optional: ['text'] },
  { event: 'satisfied', tone: 'success', required: [], optional: ['text'] },
  { event: 'fail', tone: 'warning', required: ['reason'], optional: [] },
  { event: 'not_satisfied', tone: 'warning', required: ['reason'], optional: [] },
  { event: 'unreachable', tone: 'warning', required: [], optional: ['text'] },
  { event: 'refer_study', tone: 'warning', required: ['reason'], optional: [] },
  { event: 'extend', tone: 'warning', required: ['reason'], optional: [] },
  { event: 'suspend', tone: 'warning', required: ['reason'], optional: [] },
  { event: 'resume', tone: 'primary', required: [], optional: ['reason'] },
  { event: 'return', tone: 'warning', required: ['reason'], optional: [] },
  { event: 'void', tone: 'danger', required: ['reason'], optional: [] },
]

/** The forms for what the hub allows now. Events that only the system raises have none. */
export function formsFor(allowed: readonly string[]): TransitionForm[] {
  return FORMS.filter((form) => allowed.includes(form.event))
}

export function missingFields(form: TransitionForm, given: Partial<Record<Field, string | string[]>>): Field[] {
  return form.required.filter((field) => {
    const value = given[field]
    return value === undefined || (typeof value === 'string' ? value.trim() === '' : value.length === 0)
  })
}
