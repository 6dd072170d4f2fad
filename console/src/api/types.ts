import type { components } from './schema'

/**
 * The console's names for what the hub speaks; the shapes are generated from its OpenAPI
 * (`npm run types`). Instants are ISO 8601 with an offset.
 */
type Schemas = components['schemas']

export type Account = Schemas['AccountView']
export type Role = Schemas['Role']
export type District = Schemas['DistrictView']
export type Unit = Schemas['UnitView']
export type Dashboard = Schemas['Dashboard']

export type Device = Schemas['DeviceView']
export type DeviceKind = Device['kind']
export type Presence = Schemas['Presence']

export type Remote = Schemas['RemoteView']
export type EdgeHealth = Schemas['EdgeHealth']
export type CameraHealth = Schemas['CameraHealth']
export type Sync = Schemas['Sync']
export type Wish = Schemas['WishView']
export type WishPage = Schemas['WishList']
export type Geofence = Schemas['GeofenceView']
export type GeofenceDetail = Schemas['GeofenceDetail']
export type GeofenceEvent = Schemas['GeofenceEventView']
export type GeofencePage = Schemas['GeofenceList']
export type WishAspect = 'config' | 'model'

/** A point on the ground, as far as a map or a distance needs it. */
export interface Place {
  lon: number
  lat: number
  error_m?: number | null
}

export type CaseSummary = Schemas['CaseSummaryView']
export type CaseState = Schemas['State']
export type Severity = Schemas['Severity']
export type CasePage = Schemas['CaseList']
export type CaseJournal = Schemas['CaseJournalView']
export type JournalEntry = Schemas['JournalEntryView']
export type Signal = Schemas['SignalView']
export type Look = Schemas['LookView']
export type WaitingSignal = Schemas['WaitingSignalView']
export type WaitingPage = Schemas['WaitingList']
export type SignalDetail = Schemas['SignalDetail']
export type NearbyCase = Schemas['NearbyCaseView']
export type WaitsFor = Schemas['Waits']
export type Acceptance = Partial<Schemas['Acceptance']> & Pick<Schemas['Acceptance'], 'item_key' | 'cond_key'>
export type Rejection = Schemas['Rejection']
export type Evidence = Schemas['EvidenceView']
export type EvidenceReceipt = Schemas['KeptPhotoView']
export type Transition = Partial<Schemas['Step']> & Pick<Schemas['Step'], 'event' | 'version'>
export type CaseEvent = Schemas['Event']
export type CaseDetail = Omit<Schemas['CaseDetail'], 'commands'> & { commands: CommandView[] }
export type Reason = Pick<Schemas['Remark'], 'code' | 'text_zh' | 'text_en'>

export type Catalogue = Schemas['Catalogue']
export type Condition = Schemas['Condition']

export type TaskType = Extract<Schemas['CommandType'], 'guard' | 'dispatch' | 'verify'>
export type CommandState = Schemas['CommandState']
export type CommandStep = Schemas['HistoryLine']
export type CommandView = Omit<Schemas['CommandView'], 'result'> & { result: CommandResult | null }
export type NewCommand = Schemas['CommandOrder']
export type Candidate = Schemas['Ranked']
export type Candidates = Schemas['CandidatesView']

/** What a device says with its last word; the contract of the wire bounds it. */
export interface CommandResult {
  evidence?: string[]
  place?: Place | null
  text?: string | null
}

export type VideoSession = Schemas['VideoSession']
export type VideoRequest = Schemas['VideoRequest']

export interface IceServer {
  urls: string | string[]
  username?: string
  credential?: string
}

/** A hub that needs them tells its ICE servers here; without any the browser asks nobody. */
export type VideoView = Schemas['ViewPermission'] & { ice_servers?: IceServer[] }

export type Problem = Pick<Schemas['Problem'], 'type' | 'title' | 'status'> & {
  detail?: string
  /** Which condition of a transition was not met. */
  guard?: unknown
}

export type JournalSubject = 'case' | 'command' | 'video' | 'device' | 'signal' | 'account' | 'catalogue' | 'geofence'

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
