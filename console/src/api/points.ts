import type { Http } from './http'
import type { GamingFinding, PointsLedger, PointsPage, PointsPeriod } from './types'

/** Points of grid workers. */
export class PointsApi {
  constructor(private readonly http: Http) {}

  /** Grid workers by their points of a month. */
  standings(wanted: { period: string; q?: string; limit: number; offset: number }): Promise<PointsPage> {
    return this.http.get('/api/points', { ...wanted })
  }

  ledger(workerId: string): Promise<PointsLedger> {
    return this.http.get(`/api/points/workers/${encodeURIComponent(workerId)}`)
  }

  async periods(): Promise<PointsPeriod[]> {
    return (await this.http.get<{ items: PointsPeriod[] }>('/api/points/periods')).items
  }

  settle(period: string, verb: 'close' | 'pay', note: string): Promise<PointsPeriod> {
    return this.http.post(`/api/points/periods/${period}/${verb}`, { note })
  }

  async findings(period: string): Promise<GamingFinding[]> {
    return (await this.http.get<{ items: GamingFinding[] }>('/api/points/findings', { period })).items
  }

  review(key: string, verdict: 'fine' | 'gaming', note: string): Promise<void> {
    return this.http.post('/api/points/findings/review', { key, verdict, note })
  }
}
