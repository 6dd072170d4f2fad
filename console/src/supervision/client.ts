import type { Http } from '../api/http'
import type {
  CasePage,
  CaseSummary,
  CountsFile,
  CountsImported,
  Digest,
  LetterListPage,
  Letter,
  LetterOrder,
  Ladder,
  LadderChange,
  LadderVersion,
  MatterCandidate,
  MatterDetail,
  MatterPage,
  NewMatter,
  NoticePage,
  PlanMember,
  StandingPage,
  WeeklyList,
  WeeklySummary,
} from '../api/types'

/** Ladder, letters, lists and digests. */
export class SupervisionClient {
  constructor(private readonly http: Http) {}

  ladder(): Promise<Ladder> {
    return this.http.get('/api/ladder')
  }

  /** The ladders that were imported, the newest first. */
  async ladderVersions(): Promise<LadderVersion[]> {
    return (await this.http.get<{ items: LadderVersion[] }>('/api/ladder/versions')).items
  }

  /** A ladder as YAML; in a dry run nothing is written. */
  importLadder(text: string, reason: string, dryRun: boolean): Promise<LadderChange> {
    return this.http.post('/api/ladder', { text, reason, dry_run: dryRun })
  }

  notices(filter: { kind?: string; before?: number }): Promise<NoticePage> {
    return this.http.get('/api/ladder/notices', { limit: 100, ...filter })
  }

  standing(filter: { overdue?: boolean; offset?: number }): Promise<StandingPage> {
    return this.http.get('/api/ladder/cases', { limit: 100, ...filter })
  }

  /** The case of a number, if this person sees it. */
  async caseOf(caseNo: string): Promise<CaseSummary | null> {
    const page = await this.http.get<CasePage>('/api/cases', { q: caseNo, limit: 5 })
    return page.items.find((row) => row.case_no === caseNo) ?? null
  }

  letters(filter: { kind?: string; open?: boolean; q?: string; before?: number }): Promise<LetterListPage> {
    return this.http.get('/api/letters', { limit: 100, ...filter })
  }

  issue(order: LetterOrder): Promise<Letter> {
    return this.http.post('/api/letters', order)
  }

  /** Sign for a letter, answer it, or recall it. */
  letterStep(letterId: number, step: 'receipt' | 'answer' | 'recall', body?: object): Promise<Letter> {
    return this.http.post(`/api/letters/${letterId}/${step}`, body)
  }

  page(path: string): Promise<string> {
    return this.http.text(path)
  }

  matters(filter: { tier?: string; due?: boolean; struck?: boolean }): Promise<MatterPage> {
    return this.http.get('/api/matters', filter)
  }

  matter(matterId: number): Promise<MatterDetail> {
    return this.http.get(`/api/matters/${matterId}`)
  }

  candidates(): Promise<MatterCandidate[]> {
    return this.http.get('/api/matters/candidates')
  }

  addMatter(matter: NewMatter): Promise<MatterDetail> {
    return this.http.post('/api/matters', matter)
  }

  matterStep(matterId: number, step: string, body: object): Promise<MatterDetail> {
    return this.http.post(`/api/matters/${matterId}/${step}`, body)
  }

  setPlan(matterId: number, goal: string, members: readonly PlanMember[]): Promise<MatterDetail> {
    return this.http.put(`/api/matters/${matterId}/plan`, { goal, members })
  }

  weeks(): Promise<WeeklySummary[]> {
    return this.http.get('/api/weekly-lists')
  }

  week(week: string): Promise<WeeklyList> {
    return this.http.get(`/api/weekly-lists/${week}`)
  }

  makeWeek(): Promise<WeeklyList> {
    return this.http.post('/api/weekly-lists', {})
  }

  rule(week: string, caseId: number, text: string): Promise<WeeklyList> {
    return this.http.post(`/api/weekly-lists/${week}/cases/${caseId}/ruling`, { text })
  }

  minutes(week: string, text: string): Promise<WeeklyList> {
    return this.http.post(`/api/weekly-lists/${week}/minutes`, { text })
  }

  digest(day: string): Promise<Digest> {
    return this.http.get(`/api/digests/${day}`)
  }

  importCounts(file: CountsFile): Promise<CountsImported> {
    return this.http.post('/api/digests/counts', file)
  }
}
