import type { CaseDetail } from '../api/types'

export interface SitePhoto {
  sha256: string
  device_id: string
  at: string | null
}

/** Photos that terminals sent from the spot when they finished a task of the case. */
export function sitePhotos(detail: CaseDetail): SitePhoto[] {
  return detail.commands.flatMap(({ result, finished_at, device_id }) =>
    (result?.evidence ?? []).map((sha256) => ({ sha256, device_id, at: finished_at })),
  )
}
