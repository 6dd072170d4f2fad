import type { Http } from './http'
import type { MonitorChange, MonitorModeList, QualityBoard, Reporter, SignalDetail, Snoozing, SplitDone, Splitting, WaitingPage } from './types'

/** What is done with signals besides deciding about them, and how good those of cameras are. */
export class SignalsApi {
  constructor(private readonly http: Http) {}

  /** The whole contact of who reported a signal; the hub records that it was read. */
  reporter(signalId: number): Promise<Reporter> {
    return this.http.get(`/api/signals/${signalId}/reporter`)
  }

  snooze(signalId: number, snoozing: Partial<Snoozing> & Pick<Snoozing, 'until'>): Promise<SignalDetail> {
    return this.http.post(`/api/signals/${signalId}/snooze`, snoozing)
  }

  wake(signalId: number): Promise<SignalDetail> {
    return this.http.post(`/api/signals/${signalId}/wake`)
  }

  split(caseId: number, splitting: Splitting): Promise<SplitDone> {
    return this.http.post(`/api/cases/${caseId}/split`, splitting)
  }

  quality(since: string, by: readonly string[]): Promise<QualityBoard> {
    const query = new URLSearchParams([['since', since], ...by.map((group) => ['by', group])])
    return this.http.get(`/api/quality?${query}`)
  }

  monitorModes(): Promise<MonitorModeList> {
    return this.http.get('/api/quality/modes')
  }

  setMonitorMode(change: Partial<MonitorChange>): Promise<MonitorModeList> {
    return this.http.post('/api/quality/modes', change)
  }

  releaseMonitorMode(change: Partial<MonitorChange>): Promise<MonitorModeList> {
    return this.http.post('/api/quality/modes/release', change)
  }

  /** Detections that people called wrong, with their pictures. */
  falseAlarms(wanted: { camera_id?: string; label?: string; model_version?: string; since?: string }): Promise<WaitingPage> {
    return this.http.get('/api/signals/false-alarms', wanted)
  }
}
