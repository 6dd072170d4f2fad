import { expect, it } from 'vitest'

import type { Evidence, JournalEntry } from '../src/api/types'
import { isOfEarlierRepair, orderPhotos, reworkedAt } from '../src/evidence/order'
import { at } from './fixtures'

function photo(sha256: string, kind: Evidence['kind'], minutes: number, boxes: Evidence['boxes'] = []): Evidence {
  return { sha256, kind, device_id: null, username: null, taken_at: null, received_at: at(minutes), place: null, width: null, height: null, boxes, verdict: null, verdict_facts: null, photo_check: null, refusal: null, is_claimed: false }
}

function entry(event: string, minutes: number): JournalEntry {
  return { journal_id: minutes, at: at(minutes), actor: 'user:a', actor_name: null, kind: 'transition', event, from_state: null, to_state: null, reason: null, data: {}, hash: '', prev_hash: '' }
}

const BOX = [{ x: 0, y: 0, w: 1, h: 1, label: 'pothole', score: 0.9 }] as Evidence['boxes']

it('shows a repair first, until the case goes back: then the old repair is last and marked', () => {
  const photos = [photo('seen', 'detection', 0, BOX), photo('repair', 'repair', 30), photo('report', 'report', 1), photo('sent', 'task', 10)]
  expect(orderPhotos(photos, null).map((each) => each.sha256)).toEqual(['repair', 'sent', 'seen', 'report'])
  const since = reworkedAt({ timeline: [entry('feedback', 31), entry('recur', 60), entry('route', 61)] })
  expect(orderPhotos(photos, since).map((each) => each.sha256)).toEqual(['sent', 'seen', 'report', 'repair'])
  expect(photos.map((each) => isOfEarlierRepair(each, since))).toEqual([false, true, false, false])
  const again = [...photos, photo('better', 'repair', 90)]
  expect(orderPhotos(again, since)[0]?.sha256).toBe('better')
})

it('knows of no earlier repair while the case has not gone back', () => {
  expect(reworkedAt({ timeline: [entry('feedback', 1), entry('pass', 2)] })).toBeNull()
})
