import type { Http } from './http'
import type { Scores, ScoreSheetVersion, SheetImported } from './types'

/** Score sheets, and the scores that follow from them. */
export class ScoresApi {
  constructor(private readonly http: Http) {}

  /** The sheets in force. */
  async sheets(): Promise<ScoreSheetVersion[]> {
    return (await this.http.get<{ items: ScoreSheetVersion[] }>('/api/indicators/sheets')).items
  }

  /** All versions of a sheet, the newest first. */
  async versions(sheetKey: string): Promise<ScoreSheetVersion[]> {
    return (await this.http.get<{ items: ScoreSheetVersion[] }>(`/api/indicators/sheets/${sheetKey}`)).items
  }

  scores(period: string, sheet: string, version: number): Promise<Scores> {
    return this.http.get('/api/indicators/scores', { period, sheet, version })
  }

  /** A sheet as YAML; in a dry run nothing is written. */
  importSheet(text: string, reason: string, dryRun: boolean): Promise<SheetImported> {
    return this.http.post('/api/indicators/sheets/import', { text, reason, dry_run: dryRun })
  }
}
