import type { CaseDetail, Evidence } from '../api/types'

const REWORKED: readonly string[] = ['fail', 'not_satisfied', 'recur']

/** When the case last went back to be repaired again (ms); null if it never did. */
export function reworkedAt(detail: Pick<CaseDetail, 'timeline'>): number | null {
  const back = detail.timeline.filter((entry) => entry.event !== null && REWORKED.includes(entry.event))
  return back.length === 0 ? null : Math.max(...back.map((entry) => Date.parse(entry.at)))
}

export function takenAt(photo: Evidence): number {
  return Date.parse(photo.received_at ?? photo.taken_at ?? '') || 0
}

/** A photo of a repair that did not last, or was not accepted. */
export function isOfEarlierRepair(photo: Evidence, since: number | null): boolean {
  return photo.kind === 'repair' && since !== null && takenAt(photo) < since
}

/** What shows the most stands in front: the repair, then what a terminal sent from the spot, then what a model marked. */
function rank(photo: Evidence, since: number | null): number {
  if (isOfEarlierRepair(photo, since)) return 4
  if (photo.kind === 'repair') return 0
  if (photo.kind === 'task') return 1
  return photo.boxes.length > 0 ? 2 : 3
}

export function orderPhotos(photos: readonly Evidence[], since: number | null): Evidence[] {
  return [...photos].sort((a, b) => rank(a, since) - rank(b, since) || takenAt(b) - takenAt(a))
}
