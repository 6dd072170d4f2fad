import type { Http } from './http'
import type { components } from './schema'

type Schemas = components['schemas']

export type AccountRow = Schemas['AccountView']
export type NewAccount = Schemas['NewAccount']
export type AccountPlace = Schemas['AccountPlace']
export type SessionRow = Schemas['SessionOfAccount']
export type AuditedRead = Schemas['AuditedReadView']
export type AuditPage = Schemas['AuditedReadList']
export type ReadKind = Schemas['ReadKind']

/** What the auditor asks for; instants are ISO 8601. */
export interface AuditQuestion {
  username?: string
  kind?: ReadKind | ''
  subject?: string
  since?: string
  until?: string
}

/** The accounts, for administrators, and the audit, for auditors. */
export class AccountsApi {
  constructor(private readonly http: Http) {}

  async accounts(): Promise<AccountRow[]> {
    return (await this.http.get<Schemas['AccountViewList']>('/api/accounts')).items
  }

  create(account: NewAccount): Promise<AccountRow> {
    return this.http.post('/api/accounts', account)
  }

  change(username: string, place: AccountPlace): Promise<AccountRow> {
    return this.http.put(`/api/accounts/${username}`, place)
  }

  disable(username: string): Promise<Schemas['EndedSessions']> {
    return this.http.post(`/api/accounts/${username}/disable`)
  }

  enable(username: string): Promise<void> {
    return this.http.post(`/api/accounts/${username}/enable`)
  }

  unlock(username: string): Promise<Schemas['ForgivenFailures']> {
    return this.http.post(`/api/accounts/${username}/unlock`)
  }

  setPassword(username: string, password: string): Promise<Schemas['EndedSessions']> {
    return this.http.post(`/api/accounts/${username}/password`, { password })
  }

  async sessions(username: string): Promise<SessionRow[]> {
    return (await this.http.get<Schemas['SessionOfAccountList']>(`/api/accounts/${username}/sessions`)).items
  }

  endSession(username: string, session: number): Promise<Schemas['EndedSessions']> {
    return this.http.delete(`/api/accounts/${username}/sessions/${session}`)
  }

  reads(question: AuditQuestion, before: number | null): Promise<AuditPage> {
    return this.http.get('/api/audit/reads', { ...question, before })
  }
}
