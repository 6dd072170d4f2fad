import type { CaseQuery, WantedCases } from '../api/types'

/** What the list of cases is asked for. Empty means: nothing in particular. */
export interface ListQuery {
  q: string
  open: '' | 'true' | 'false' | 'void'
  state: string[]
  severity: string[]
  unit: string
  township: string
  item: string
  source: string
  owner: string
  overdue: '' | 'true' | 'false'
  due_until: string
  filed_from: string
  filed_to: string
  recurrence: '' | 'true' | 'false'
  sort: string
  descending: boolean
}

export const NOTHING: Readonly<ListQuery> = {
  q: '',
  open: 'true',
  state: [],
  severity: [],
  unit: '',
  township: '',
  item: '',
  source: '',
  owner: '',
  overdue: '',
  due_until: '',
  filed_from: '',
  filed_to: '',
  recurrence: '',
  sort: 'urgency',
  descending: false,
}
export const SORTS = ['urgency', 'deadline', 'filed', 'severity', 'unit'] as const
const LISTS = ['state', 'severity'] as const
const TEXTS = ['unit', 'township', 'item', 'source', 'owner', 'due_until', 'filed_from', 'filed_to'] as const
const CHOICES = ['overdue', 'recurrence'] as const

type Query = Record<string, unknown>

const textsOf = (value: unknown): string[] => (Array.isArray(value) ? value : [value]).filter((each): each is string => typeof each === 'string' && each !== '')
const choiceOf = (value: unknown): '' | 'true' | 'false' => (value === 'true' || value === true ? 'true' : value === 'false' || value === false ? 'false' : '')

/** The question in an address, or in a filter that was kept. What nobody can ask is left out. */
export function asked(query: Query): ListQuery {
  const found: ListQuery = { ...NOTHING, q: textsOf(query.q)[0] ?? '', sort: textsOf(query.sort)[0] ?? 'urgency', descending: choiceOf(query.descending) === 'true' }
  for (const name of LISTS) found[name] = textsOf(query[name])
  for (const name of TEXTS) found[name] = textsOf(query[name])[0] ?? ''
  for (const name of CHOICES) found[name] = choiceOf(query[name])
  if (choiceOf(query.void_asked) === 'true') found.open = 'void'
  else if ('open' in query) found.open = query.open === 'all' ? '' : query.open === 'void' ? 'void' : choiceOf(query.open) || 'true'
  return found
}

/** The question as an address writes it: only what differs from what everybody gets. */
export function written(query: ListQuery): Record<string, string | string[]> {
  const all = { ...query, q: query.q.trim(), open: query.open || 'all', descending: query.descending ? 'true' : '', sort: query.sort === 'urgency' ? '' : query.sort }
  return Object.fromEntries(Object.entries(all).filter(([name, value]) => value !== '' && value.length > 0 && !(name === 'open' && value === 'true')))
}

/** The question as the hub takes it. */
export function wanted(query: ListQuery): WantedCases {
  const bool = (choice: string): boolean | undefined => (choice === '' ? undefined : choice === 'true')
  const found = {
    ...Object.fromEntries(TEXTS.flatMap((name) => (query[name] === '' ? [] : [[name, name === 'unit' || name === 'item' || name === 'source' ? [query[name]] : query[name]]]))),
    q: query.q.trim() || undefined,
    open: query.open === 'void' ? true : bool(query.open),
    void_asked: query.open === 'void' || undefined,
    state: query.state.length ? query.state : undefined,
    severity: query.severity.length ? query.severity : undefined,
    overdue: bool(query.overdue),
    recurrence: bool(query.recurrence),
    sort: query.sort === 'urgency' ? undefined : query.sort,
    descending: query.descending || undefined,
  }
  return JSON.parse(JSON.stringify(found)) as WantedCases
}

/** A page of the list, the first being 1. */
export function pageOf(query: ListQuery, page: number, size: number): CaseQuery {
  return { ...wanted(query), limit: size, offset: (page - 1) * size } as CaseQuery
}

/** How many conditions stand besides the search and open or ended. */
export function narrowedBy(query: ListQuery): number {
  return [...LISTS, ...TEXTS, ...CHOICES].filter((name) => query[name].length > 0).length
}
