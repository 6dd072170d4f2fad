import type { Http } from './http'
import type { FilingPolicy, FilingPolicyChange } from './types'

/** What detections may do by themselves, by severity. */
export class PoliciesApi {
  constructor(private readonly http: Http) {}

  async policies(): Promise<FilingPolicy[]> {
    return (await this.http.get<{ items: FilingPolicy[] }>('/api/quality/policies')).items
  }

  /** Who changed a policy and why, the newest first. */
  async history(): Promise<FilingPolicyChange[]> {
    return (await this.http.get<{ items: FilingPolicyChange[] }>('/api/quality/policies/history')).items
  }

  async change({ severity, automatic, least_precision, least_verdicts }: FilingPolicy, reason: string): Promise<FilingPolicy[]> {
    const body = { automatic, least_precision, least_verdicts, reason }
    return (await this.http.put<{ items: FilingPolicy[] }>(`/api/quality/policies/${severity}`, body)).items
  }
}
