import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { en } from '../src/i18n/en'
import { zhCN } from '../src/i18n/zh-CN'

const ROOT = join(import.meta.dirname, '../..')
const SCHEMAS = JSON.parse(readFileSync(join(ROOT, 'hub/web/openapi.json'), 'utf8')).components.schemas as Record<string, { enum?: string[]; properties?: Record<string, { enum?: string[] }> }>
const LANGUAGES = { en, zhCN }

/** Where the words of each enum of the API stand. */
const SCOPES: Record<string, readonly string[]> = {
  Action: ['quality.action'],
  Addressee: ['ladder.addressee'],
  ApprovalKind: ['casework.approval'],
  BatchAction: ['desk.action'],
  CameraState: ['remote.camera'],
  CaseSort: ['desk.sort'],
  CommandState: ['command.state'],
  CommandType: ['command.type'],
  EndedBy: ['video.endedBy'],
  DocumentLanguage: ['letters.language'],
  Event: ['transition'],
  EvidenceKind: ['evidence.kind', 'evidence.source'],
  Exclusion: ['dispatch.exclusion'],
  Grouping: ['indicators.by'],
  Halt: ['ladder.halt'],
  ItemKind: ['catalogue.kind'],
  LimitType: ['catalogue.limit'],
  OwnerRule: ['catalogue.owner'],
  RoutingMode: ['catalogue.routing'],
  TerritoryLevel: ['catalogue.level'],
  LetterKind: ['letters.kind'],
  LetterState: ['letters.state'],
  ListReason: ['matters.reason'],
  MatterEntryKind: ['matters.event'],
  MovedClock: ['calendar.clock'],
  ModelState: ['remote.modelState'],
  PlaceKind: ['filing.kind'],
  PeriodKind: ['indicators.kind'],
  PressCount: ['indicators.press'],
  PublicationState: ['indicators.publication'],
  FindingKind: ['points.finding'],
  PointsKind: ['points.kind'],
  ReviewVerdict: ['points.verdict'],
  Presence: ['presence'],
  QualityGroup: ['quality.group'],
  ProposalState: ['studies.proposal'],
  ReadKind: ['audit.kind'],
  ReportVerdict: ['photoCheck.verdict'],
  RevisionOutcome: ['revision.outcome'],
  Role: ['role'],
  ScopeKind: ['accounts.scope'],
  SessionState: ['video.state'],
  Severity: ['severity'],
  SignalState: ['waiting.outcome', 'waiting.done'],
  Satisfaction: ['casework.satisfaction'],
  SourceKind: ['source'],
  StepState: ['casework.stepState'],
  State: ['state'],
  StepKind: ['ladder.kind'],
  Tier: ['matters.tier'],
  Storage: ['remote.storage'],
  StudyPosition: ['studies.position'],
  Sync: ['remote.sync', 'remote.syncHint'],
  WaitingReason: ['waiting.why', 'waiting.whyHint'],
}
/** Enums that the console never shows as such. */
const UNSEEN = ['Right', 'Count', 'Grade', 'RateKey', 'TableFormat', 'TableLanguage', 'ClockState', 'EventType', 'ListFormat', 'Policy', 'PlaceSource', 'RefusedKind', 'VideoProtocol']

function wordOf(messages: object, path: string): unknown {
  return path.split('.').reduce<unknown>((found, key) => (found as Record<string, unknown> | undefined)?.[key], messages)
}

function speaks(path: string): void {
  for (const [language, messages] of Object.entries(LANGUAGES)) {
    const word = wordOf(messages, path)
    expect(typeof word === 'string' && word.trim() !== '', `${path} in ${language}`).toBe(true)
  }
}

function sourcesOf(folder: string, extension: string): string {
  const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith(extension))
  return files.map((name) => readFileSync(join(ROOT, folder, name), 'utf8')).join('\n')
}

/** The values of a StrEnum of the hub. */
function valuesOf(source: string, name: string): string[] {
  const body = new RegExp(`class ${name}\\(StrEnum\\):\\n((?:    .*\\n|\\n)*)`).exec(source)?.[1] ?? ''
  return [...body.matchAll(/^ {4}[A-Z_]+ = "(\w+)"/gm)].map((found) => found[1]!)
}

describe('every code of the hub has words in both languages', () => {
  const enums = Object.entries(SCHEMAS).filter(([, schema]) => schema.enum)

  it('whichever enum the API speaks', () => {
    const unknown = enums.map(([name]) => name).filter((name) => !(name in SCOPES) && !UNSEEN.includes(name))
    expect(unknown, 'say in SCOPES where their words stand').toEqual([])
    for (const [name, { enum: values = [] }] of enums) for (const scope of SCOPES[name] ?? []) for (const value of values) speaks(`${scope}.${value}`)
  })

  it('every kind of entry of a case’s journal', () => {
    const kinds = valuesOf(sourcesOf('hub/cases', '.py'), 'CaseEntryKind').filter((kind) => kind !== 'transition')
    expect(kinds.length).toBeGreaterThan(8)
    for (const kind of kinds) speaks(`entry.${kind}`)
  })

  it('every condition that a step or an order may fail', () => {
    const named = [...sourcesOf('hub', '.py').matchAll(/guard="(\w+)"/g)].map((found) => found[1]!)
    const guards = [...readFileSync(join(ROOT, 'hub/cases/guards.py'), 'utf8').matchAll(/^def ([a-z]\w+)\(move: CaseMove\)/gm)].map((found) => found[1]!)
    expect(guards.length).toBeGreaterThan(20)
    for (const guard of new Set([...named, ...guards])) speaks(`guard.${guard}`)
  })

  it('every kind of problem', () => {
    const kinds = [...readFileSync(join(ROOT, 'hub/errors.py'), 'utf8').matchAll(/kind = "([\w-]+)"/g)].map((found) => found[1]!)
    for (const kind of kinds.filter((each) => each !== 'error' && each !== 'illegal-transition')) speaks(`problem.kind.${kind.replaceAll('-', '_')}`)
  })

  it('what terminals and monitoring report, and why a signal was rejected', () => {
    const signals = sourcesOf('hub/signals', '.py')
    for (const reason of valuesOf(signals, 'RejectReason')) speaks(`waiting.reject.${reason}`)
    for (const label of ['low_battery', 'off_post', 'sos', 'fall']) speaks(`label.${label}`)
    const codes = [...sourcesOf('hub/dispatch', '.py').matchAll(/reason="(\w+)"/g), ...sourcesOf('hub/commands', '.py').matchAll(/reason="(\w+)"/g)]
    for (const [, code] of codes) speaks(`command.reason.${code}`)
  })
})
