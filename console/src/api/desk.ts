import type { Http } from './http'
import { withQuery } from './http'
import type { BatchResults, BatchStep, CaseDetail, CasePage, CaseQuery, FilterToSave, Filing, NamedPlace, NearbyOpenCases, Place, SavedFilter } from './types'

/** The list of cases in pages and files, filters that are kept, and filing by hand. */
export class DeskApi {
  constructor(private readonly http: Http) {}

  cases(query: CaseQuery): Promise<CasePage> {
    return this.http.get('/api/cases', { ...query })
  }

  /** The address of the list as a file. */
  exportUrl(query: CaseQuery, format: 'csv' | 'xlsx', language: 'zh' | 'en'): string {
    return withQuery('/api/cases/export', { ...query, limit: undefined, offset: undefined, before: undefined, format, language })
  }

  async filters(): Promise<SavedFilter[]> {
    return (await this.http.get<{ items: SavedFilter[] }>('/api/case-filters')).items
  }

  saveFilter(filter: FilterToSave, filterId?: number): Promise<SavedFilter> {
    return filterId === undefined ? this.http.post('/api/case-filters', filter) : this.http.put(`/api/case-filters/${filterId}`, filter)
  }

  deleteFilter(filterId: number): Promise<void> {
    return this.http.delete(`/api/case-filters/${filterId}`)
  }

  batch(step: BatchStep): Promise<BatchResults> {
    return this.http.post('/api/cases/batch', step)
  }

  /** Roads, assets and terminals by a part of their names. */
  async places(q: string): Promise<NamedPlace[]> {
    return (await this.http.get<{ items: NamedPlace[] }>('/api/places', { q })).items
  }

  /** Open cases near a place, those of the item first. */
  nearby(place: Place, item?: string, asset?: string): Promise<NearbyOpenCases> {
    const { lon, lat, error_m } = place
    return this.http.get('/api/cases/nearby', { lon, lat, error_m: error_m ?? undefined, item, asset_id: asset || undefined })
  }

  file(filing: Filing): Promise<CaseDetail> {
    return this.http.post('/api/cases', filing)
  }

  /** Adds a report to the open case of the same issue. */
  addReport(caseId: number, filing: Filing): Promise<CaseDetail> {
    return this.http.post(`/api/cases/${caseId}/reports`, filing)
  }
}
