/** The shapes that the hub's REST interface speaks. Instants are ISO 8601 with an offset. */

export type Role = 'dispatcher' | 'seat_operator' | 'unit_handler' | 'supervisor' | 'admin'
export type DeviceKind = 'terminals' | 'cameras' | 'edges'
export type Presence = 'online' | 'stale' | 'offline' | 'never'
export type Severity = 'low' | 'mid' | 'high'

export type CaseState =
  | 'FILED'
  | 'JOINT_STUDY'
  | 'ROUTED'
  | 'HANDLING'
  | 'FEEDBACK'
  | 'VERIFYING'
  | 'CALLBACK'
  | 'CLOSED'
  | 'MERGED'
  | 'VOID'
  | 'REOPENED'

export type CommandState =
  | 'created'
  | 'queued'
  | 'sent'
  | 'delivered'
  | 'accepted'
  | 'in_progress'
  | 'succeeded'
  | 'failed'
  | 'rejected'
  | 'expired'
  | 'no_answer'
  | 'timed_out'
  | 'cancelled'
  | 'superseded'

export type TaskType = 'guard' | 'dispatch' | 'verify'
export type VideoState = 'requested' | 'live' | 'ended' | 'failed'

export interface Account {
  username: string
  name: string
  role: Role
  unit_key: string | null
  unit_name_zh: string | null
  unit_name_en: string | null
}

export interface District {
  code: string
  name_zh: string
  name_en: string
  center: [number, number]
  bounds: [number, number, number, number]
  timezone: string
}

export interface Place {
  lon: number
  lat: number
  error_m?: number | null
}

export interface Position {
  lon: number
  lat: number
  accuracy_m: number | null
  heading: number | null
  speed: number | null
  /** Null for a device that stands fixed. */
  observed_at: string | null
}

export interface Device {
  device_id: string
  kind: DeviceKind
  name_zh: string
  name_en: string
  unit_key: string | null
  unit_name_zh: string | null
  unit_name_en: string | null
  holder: string | null
  capabilities: string[]
  presence: Presence
  last_seen_at: string | null
  position: Position | null
  battery: number | null
  coverage_m: number | null
  heading_deg: number | null
  firmware: string | null
}

export interface CaseSummary {
  case_id: number
  case_no: string
  item_key: string
  cond_key: string
  title_zh: string
  title_en: string
  condition_text_zh: string
  condition_text_en: string
  severity: Severity
  state: CaseState
  version: number
  place: Place
  asset_id: string | null
  filed_at: string
  routed_at: string | null
  due_at: string | null
  overdue: boolean
  calendar_assumed: boolean
  lead_unit: string | null
  lead_unit_name_zh: string | null
  lead_unit_name_en: string | null
  territory_unit: string | null
  territory_name_zh: string | null
  territory_name_en: string | null
  signal_count: number
  cover_evidence: string | null
  locked_by: string | null
}

/** One reason in words; `facts` carries the numbers that the words were made from. */
export interface Reason {
  code: string
  text_zh: string
  text_en: string
  facts?: Record<string, unknown>
}

/** A box in fractions of the image; (x, y) is its upper left corner. */
export interface Box {
  label: string
  score: number | null
  x: number
  y: number
  w: number
  h: number
}

export interface Signal {
  signal_id: number | string
  source: string
  device_id: string | null
  type: string
  label: string | null
  score: number | null
  observed_at: string
  received_at: string
  place: Place | null
  evidence: string[]
  boxes: Box[]
  text: string | null
}

export type EvidenceKind = 'detection' | 'report' | 'repair' | 'filing'

export interface Evidence {
  sha256: string
  kind: EvidenceKind
  device_id: string | null
  taken_at: string | null
  /** Null until the photo itself has arrived. */
  received_at: string | null
  place: Place | null
  width: number | null
  height: number | null
  boxes: Box[]
  verdict: string | null
}

export interface CommandStep {
  state: CommandState
  at: string
  reason: string | null
}

export interface CommandResult {
  evidence?: string[]
  place?: Place | null
  text?: string | null
}

export interface CommandSummary {
  command_id: string
  device_id: string
  holder: string | null
  type: string
  case_id: number | null
  state: CommandState
  rev: number
  priority: number
  issued_at: string
  expires_at: string
  sent_at: string | null
  delivered_at: string | null
  accepted_at: string | null
  finished_at: string | null
  reason: string | null
  result: CommandResult | null
  issued_by: string | null
  history: CommandStep[]
}

export interface VideoSession {
  session_id: string
  device_id: string
  case_id: number | null
  reason: string | null
  state: VideoState
  command_id: string | null
  created_at: string
  live_at: string | null
  ended_at: string | null
  ends_at: string | null
  ended_reason: string | null
  viewers: number
}

export interface IceServer {
  urls: string | string[]
  username?: string
  credential?: string
}

export interface VideoView {
  whep_url: string
  token: string
  expires_at: string
  ice_servers?: IceServer[]
}

export interface JournalEntry {
  journal_id: number
  at: string
  actor: string | null
  actor_name: string | null
  kind: string
  event: string | null
  from_state: string | null
  to_state: string | null
  reason: string | null
  data: Record<string, unknown> | null
  hash: string
  prev_hash: string | null
}

export interface CaseDetail extends CaseSummary {
  why: Reason[]
  catalogue_version: number
  text: string
  suspended_until: string | null
  extensions: number
  bounces: number
  rework: number
  person: string | null
  plan: string | null
  merged_into: number | null
  recurrence_of: number | null
  signals: Signal[]
  evidence: Evidence[]
  commands: CommandSummary[]
  videos: VideoSession[]
  allowed: string[]
  timeline: JournalEntry[]
}

export interface CasePage {
  items: CaseSummary[]
  next_before: string | number | null
}

export interface CaseJournal {
  items: JournalEntry[]
  chain_ok: boolean
  replayed_state: string | null
  replay_matches: boolean
}

export interface Candidate {
  device_id: string
  holder: string | null
  rank: number
  distance_m: number
  travel_s: number
  score: number
  data_age_s: number
  battery: number | null
  reasons: Reason[]
  shortfalls: Reason[]
  position: Place | null
}

export interface Candidates {
  items: Candidate[]
  considered: number
  excluded: { device_id: string; reason: string }[] | Record<string, number>
  recommendation_id: number | string | null
}

export interface Unit {
  unit_key: string
  kind: 'department' | 'territory'
  level: string | null
  name_zh: string
  name_en: string
  parent: string | null
}

export interface Transition {
  event: string
  version: number
  reason?: string
  person?: string
  plan?: string
  text?: string
  evidence?: string[]
  unit_key?: string
  /** Invited to a joint study. */
  units?: string[]
  /** When a suspension ends. */
  until?: string
  /** The case to merge into. */
  into?: number
  /** The graver condition. */
  cond_key?: string
}

export interface Condition {
  cond_key: string
  text_zh: string
  text_en: string
  severity: Severity
}

export interface CatalogueItem {
  item_key: string
  title_zh: string
  title_en: string
  conditions: Condition[]
}

export interface Catalogue {
  version: number
  items: CatalogueItem[]
}

export interface NewCommand {
  device_id: string
  type: string
  case_id?: number
  reason?: string
  recommendation_id?: number | string
  priority?: number
}

export interface EvidenceReceipt {
  sha256: string
  width: number
  height: number
}

export interface Dashboard {
  open_cases: number
  overdue: number
  filed_today: number
  closed_today: number
  terminals_online: number
  terminals_total: number
  cameras_online: number
}

export type JournalSubject = 'case' | 'command' | 'video' | 'device' | 'signal' | 'account' | 'catalogue'

/** One row of the live line; `journal_id` is the cursor from which it resumes. */
export interface JournalEvent {
  journal_id: number
  at: string
  subject: JournalSubject
  subject_id: string | number
  kind: string
  data: Record<string, unknown> | null
}

export interface MovedDevice {
  device_id: string
  lon: number
  lat: number
  heading: number | null
  speed: number | null
  battery: number | null
  presence: Presence
  observed_at: string
  received_at: string
}

export interface Problem {
  type: string
  title: string
  status: number
  detail?: string
  [fact: string]: unknown
}
