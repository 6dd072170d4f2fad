import type { Http } from './http'
import type { GridWorker, GridWorkerChange, GridWorkerPage, GridWorkerReport } from './types'

/** The registry of grid workers. */
export class PeopleApi {
  constructor(private readonly http: Http) {}

  workers(wanted: { q?: string; village?: string; active?: boolean; after?: string }): Promise<GridWorkerPage> {
    return this.http.get('/api/people', { ...wanted, limit: 200 })
  }

  /** The whole telephone number; the hub records that it was read. */
  async phone(workerId: string): Promise<string | null> {
    return (await this.http.get<{ phone: string | null }>(`/api/people/${encodeURIComponent(workerId)}/phone`)).phone
  }

  /** A telephone that is left out stays. */
  put(workerId: string, worker: GridWorkerChange): Promise<GridWorker> {
    return this.http.put(`/api/people/${encodeURIComponent(workerId)}`, worker)
  }

  /** Says who holds a terminal from now on; null: nobody. */
  assign(terminalId: string, workerId: string | null): Promise<void> {
    return this.http.put(`/api/people/terminals/${encodeURIComponent(terminalId)}`, { worker_id: workerId })
  }

  importFile(file: File, dryRun: boolean): Promise<GridWorkerReport> {
    const form = new FormData()
    form.append('file', file)
    form.append('dry_run', String(dryRun))
    return this.http.post('/api/people/import', form)
  }
}
