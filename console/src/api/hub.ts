import type { FeatureCollection } from 'geojson'

import { SupervisionClient } from '../supervision/client'
import { DeskApi } from './desk'
import type { Http } from './http'
import { SignalsApi } from './signals'
import { PointsApi } from './points'
import { StudiesApi } from './studies'
import type {
  Acceptance,
  Alarm,
  AlarmPage,
  ApprovalPage,
  IndicatorNames,
  IndicatorRanking,
  Indicators,
  IndicatorTrend,
  LogIn,
  Candidates,
  CalendarEdited,
  CalendarYear,
  Catalogue,
  CatalogueDiff,
  CatalogueImport,
  CatalogueVersion,
  CaseDetail,
  CaseJournal,
  CommandView,
  CountedPage,
  Dashboard,
  Device,
  DeviceKind,
  District,
  Geofence,
  GeofenceDetail,
  GeofenceEvent,
  GeofencePage,
  Severity,
  EvidenceReceipt,
  NewApproval,
  NewCommand,
  NewDay,
  Noting,
  Place,
  Publication,
  PublicationDetail,
  Rejection,
  Remote,
  RevisionAspect,
  RefusalList,
  RevisionPage,
  SignalDetail,
  TaskType,
  Transition,
  Unit,
  VideoRequest,
  VideoSession,
  VideoView,
  WaitingPage,
  WaitsFor,
} from './types'

export interface WaitingFilter {
  why?: WaitsFor
  source?: string
  severity?: Severity
  snoozed?: boolean
  sort?: 'arrival' | 'urgency'
  q?: string
  limit?: number
  after?: number
}

/** Which period, and which cases: by unit, territory, item, source and severity. */
export interface IndicatorFilter {
  period: string
  unit?: string
  territory?: string
  item?: string
  source?: string
  severity?: string
  /** The device that reported first, and the persons who filed, routed and accepted. */
  reporter?: string
  receiver?: string
  dispatcher?: string
  shift_lead?: string
}

/** Every call that the console makes, one method each. */
export class Hub {
  readonly desk: DeskApi
  readonly ofSignals: SignalsApi
  readonly points: PointsApi
  readonly studies: StudiesApi
  readonly supervision: SupervisionClient

  constructor(private readonly http: Http) {
    this.desk = new DeskApi(http)
    this.ofSignals = new SignalsApi(http)
    this.points = new PointsApi(http)
    this.studies = new StudiesApi(http)
    this.supervision = new SupervisionClient(http)
  }

  logIn(username: string, password: string): Promise<LogIn> {
    return this.http.post('/api/session', { username, password })
  }

  currentLogIn(): Promise<LogIn> {
    return this.http.get('/api/session')
  }

  changePassword(current: string, replacement: string): Promise<void> {
    return this.http.post('/api/session/password', { current, new: replacement })
  }

  logOut(): Promise<void> {
    return this.http.delete('/api/session')
  }

  district(): Promise<District> {
    return this.http.get('/api/district')
  }

  baseMap(): Promise<FeatureCollection> {
    return this.http.get('/api/map/base')
  }

  dashboard(): Promise<Dashboard> {
    return this.http.get('/api/dashboard')
  }

  async units(): Promise<Unit[]> {
    return (await this.http.get<{ items: Unit[] }>('/api/units')).items
  }

  indicators(filter: IndicatorFilter): Promise<Indicators> {
    return this.http.get('/api/indicators', { ...filter })
  }

  indicatorNames(): Promise<IndicatorNames> {
    return this.http.get('/api/indicators/names')
  }

  indicatorTrend(filter: IndicatorFilter): Promise<IndicatorTrend> {
    return this.http.get('/api/indicators/trend', { ...filter })
  }

  indicatorRanking(filter: IndicatorFilter, by: string): Promise<IndicatorRanking> {
    return this.http.get('/api/indicators/ranking', { ...filter, by })
  }

  /** The cases behind a number. */
  countedCases(filter: IndicatorFilter, count: string, offset: number): Promise<CountedPage> {
    return this.http.get('/api/indicators/cases', { ...filter, count, offset })
  }

  async publications(period?: string): Promise<Publication[]> {
    return (await this.http.get<{ items: Publication[] }>('/api/indicators/publications', { period })).items
  }

  publication(id: number): Promise<PublicationDetail> {
    return this.http.get(`/api/indicators/publications/${id}`)
  }

  publish(period: string, note: string): Promise<PublicationDetail> {
    return this.http.post('/api/indicators/publications', { period, note })
  }

  catalogue(): Promise<Catalogue> {
    return this.http.get('/api/catalogue')
  }

  async catalogueVersions(): Promise<CatalogueVersion[]> {
    return (await this.http.get<{ items: CatalogueVersion[] }>('/api/catalogue/versions')).items
  }

  catalogueDiff(before: number, after: number): Promise<CatalogueDiff> {
    return this.http.get('/api/catalogue/diff', { before, after })
  }

  /** Import a list, or say what it would change; `meanings` say what names stand for that are no units. */
  importCatalogue(file: File, how: { dryRun: boolean; kind: string; meanings: Record<string, string> }): Promise<CatalogueImport> {
    const form = new FormData()
    form.append('file', file)
    form.append('dry_run', String(how.dryRun))
    form.append('meanings', JSON.stringify(how.meanings))
    if (how.kind) form.append('kind', how.kind)
    return this.http.post('/api/catalogue/import', form)
  }

  calendar(year: number): Promise<CalendarYear> {
    return this.http.get('/api/calendar', { year })
  }

  editCalendar(days: NewDay[], dryRun: boolean): Promise<CalendarEdited> {
    return this.http.post('/api/calendar', { days, dry_run: dryRun })
  }

  importCalendar(file: File, dryRun: boolean): Promise<CalendarEdited> {
    const form = new FormData()
    form.append('file', file)
    form.append('dry_run', String(dryRun))
    return this.http.post('/api/calendar/import', form)
  }

  async devices(kind?: DeviceKind): Promise<Device[]> {
    return (await this.http.get<{ items: Device[] }>('/api/devices', { kind })).items
  }

  device(deviceId: string): Promise<Device> {
    return this.http.get(`/api/devices/${encodeURIComponent(deviceId)}`)
  }

  /** What a device should run, what it says that it runs, and how it is doing. */
  remote(deviceId: string): Promise<Remote> {
    return this.http.get(`/api/devices/${encodeURIComponent(deviceId)}/remote`)
  }

  /** The newest refusals of a device's messages. */
  refusals(deviceId: string, limit: number): Promise<RefusalList> {
    return this.http.get(`/api/devices/${encodeURIComponent(deviceId)}/refusals`, { limit })
  }

  /** The newest revisions of what a device should run, or those before one. */
  revisions(deviceId: string, aspect: RevisionAspect, before?: number): Promise<RevisionPage> {
    return this.http.get(`/api/devices/${encodeURIComponent(deviceId)}/${aspect}/revisions`, { before })
  }

  /** All fences that are watched, by id. */
  async geofences(): Promise<Geofence[]> {
    const fences: Geofence[] = []
    let after: string | null = ''
    while (after !== null) {
      const page: GeofencePage = await this.http.get('/api/geofences', { after, limit: 200 })
      fences.push(...page.items)
      after = page.next_after
    }
    return fences
  }

  /** One fence, with who is inside. */
  geofence(geofenceId: string): Promise<GeofenceDetail> {
    return this.http.get(`/api/geofences/${encodeURIComponent(geofenceId)}`)
  }

  /** What happened last at a fence, the newest first. */
  async geofenceEvents(geofenceId: string, limit: number): Promise<GeofenceEvent[]> {
    return (await this.http.get<{ items: GeofenceEvent[] }>('/api/geofence-events', { geofence_id: geofenceId, limit })).items
  }

  case(caseId: number): Promise<CaseDetail> {
    return this.http.get(`/api/cases/${caseId}`)
  }

  journal(caseId: number): Promise<CaseJournal> {
    return this.http.get(`/api/cases/${caseId}/journal`)
  }

  move(caseId: number, transition: Transition): Promise<CaseDetail> {
    return this.http.post(`/api/cases/${caseId}/transitions`, transition)
  }

  /** What waits for a decision in the cases that this person sees, the oldest first. */
  approvals(): Promise<ApprovalPage> {
    return this.http.get('/api/approvals', { limit: 500 })
  }

  ask(caseId: number, wanted: NewApproval): Promise<CaseDetail> {
    return this.http.post(`/api/cases/${caseId}/approvals`, wanted)
  }

  decide(caseId: number, approvalId: string, verb: 'grant' | 'refuse' | 'withdraw', reason: string | undefined): Promise<CaseDetail> {
    return this.http.post(`/api/cases/${caseId}/approvals/${approvalId}/${verb}`, { reason })
  }

  claim(caseId: number, takeOver: boolean): Promise<CaseDetail> {
    return this.http.post(`/api/cases/${caseId}/claim`, { take_over: takeOver })
  }

  release(caseId: number): Promise<CaseDetail> {
    return this.http.post(`/api/cases/${caseId}/release`)
  }

  addNote(caseId: number, text: string): Promise<CaseDetail> {
    return this.http.post(`/api/cases/${caseId}/notes`, { text })
  }

  /** Says that a person has compared the case's reports with their photos. */
  checkPhotos(caseId: number): Promise<CaseDetail> {
    return this.http.post(`/api/cases/${caseId}/photo-check`)
  }

  /** The alarms that ring, and those that somebody has just acknowledged. */
  alarms(): Promise<AlarmPage> {
    return this.http.get('/api/alarms')
  }

  acknowledgeAlarm(caseId: number): Promise<Alarm> {
    return this.http.post(`/api/alarms/${caseId}/acknowledge`)
  }

  waiting(filter: WaitingFilter): Promise<WaitingPage> {
    return this.http.get('/api/signals/waiting', { ...filter })
  }

  signal(signalId: number): Promise<SignalDetail> {
    return this.http.get(`/api/signals/${signalId}`)
  }

  acceptSignal(signalId: number, acceptance: Acceptance): Promise<SignalDetail> {
    return this.http.post(`/api/signals/${signalId}/accept`, acceptance)
  }

  joinSignal(signalId: number, caseId: number): Promise<SignalDetail> {
    return this.http.post(`/api/signals/${signalId}/join`, { case_id: caseId })
  }

  /** A low battery or an absence that is known; with `reminder` the holder gets a message. */
  noteSignal(signalId: number, noting: Noting): Promise<SignalDetail> {
    return this.http.post(`/api/signals/${signalId}/note`, noting)
  }

  rejectSignal(signalId: number, rejection: Rejection): Promise<SignalDetail> {
    return this.http.post(`/api/signals/${signalId}/reject`, rejection)
  }

  candidates(caseId: number, type: TaskType): Promise<Candidates> {
    return this.http.get(`/api/cases/${caseId}/candidates`, { type })
  }

  command(order: NewCommand): Promise<CommandView> {
    return this.http.post('/api/commands', order)
  }

  cancelCommand(commandId: string, reason: string): Promise<CommandView> {
    return this.http.post(`/api/commands/${commandId}/cancel`, { reason })
  }

  requestVideo(request: VideoRequest): Promise<VideoSession> {
    return this.http.post('/api/video/sessions', request)
  }

  video(sessionId: string): Promise<VideoSession> {
    return this.http.get(`/api/video/sessions/${sessionId}`)
  }

  viewVideo(sessionId: string): Promise<VideoView> {
    return this.http.post(`/api/video/sessions/${sessionId}/view`)
  }

  endVideo(sessionId: string): Promise<VideoSession> {
    return this.http.delete(`/api/video/sessions/${sessionId}`)
  }

  storeEvidence(photo: Blob, taken: { place?: Place; taken_at?: string } = {}): Promise<EvidenceReceipt> {
    const form = new FormData()
    form.append('file', photo, 'photo.jpg')
    if (taken.place) {
      form.append('lon', String(taken.place.lon))
      form.append('lat', String(taken.place.lat))
    }
    if (taken.taken_at) form.append('taken_at', taken.taken_at)
    return this.http.post('/api/evidence', form)
  }
}

export function evidenceUrl(sha256: string, width?: number): string {
  return `/api/evidence/${sha256}${width ? `?width=${width}` : ''}`
}
