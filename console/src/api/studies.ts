import type { Http } from './http'
import type { NewRuling, RulingProposal, Study, StudyPosition, StudySummary } from './types'

/** Joint studies, and what they propose to the catalogue. */
export class StudiesApi {
  constructor(private readonly http: Http) {}

  /** The joint study of a case: the present one, or the last. */
  ofCase(caseId: number): Promise<Study> {
    return this.http.get(`/api/cases/${caseId}/study`)
  }

  async list(running: boolean): Promise<StudySummary[]> {
    return (await this.http.get<{ items: StudySummary[] }>('/api/studies', { running, limit: 200 })).items
  }

  answer(caseId: number, position: StudyPosition, text: string, unit: string): Promise<Study> {
    return this.http.post(`/api/cases/${caseId}/study/answers`, { position, text, unit_key: unit })
  }

  rule(caseId: number, ruling: NewRuling): Promise<Study> {
    return this.http.post(`/api/cases/${caseId}/study/ruling`, ruling)
  }

  decide(proposalId: number, verb: 'accept' | 'decline', reason: string): Promise<RulingProposal> {
    return this.http.post(`/api/proposals/${proposalId}/${verb}`, verb === 'decline' ? { reason } : undefined)
  }
}
