import { describe, expect, it } from 'vitest'

import type { CatalogueItem, Condition } from '../src/api/types'
import { inForce, matching } from '../src/catalogue/filter'
import { limitsText, limitText } from '../src/catalogue/limit'
import { localDay } from '../src/time/day'

const broken = { cond_key: 'broken', text_zh: '破损', text_en: 'Broken', limit_type: 'work_day', limit_value: 2 } as Condition
const cover = { item_key: 'cover', title_zh: '井盖', title_en: 'Cover', kind: 'component', owner_rule: 'fixed', lead_unit: 'housing', std_codes: [{ edition: 'x', code: '0103', verified: 'local' }], conditions: [broken] } as CatalogueItem
const stall = { item_key: 'stall', title_zh: '占道经营', title_en: 'Street stall', kind: 'event', owner_rule: 'territory', assist_units: ['urban'], conditions: [{ ...broken, text_zh: '占道' }], effective_from: '2026-03-01', effective_to: '2026-12-31' } as CatalogueItem
const ITEMS = [cover, stall]
const NOTHING = { text: '', kind: '', unit: '' }
const names = (key: string): string => ({ housing: '住建局 Housing Bureau', urban: '城管局' })[key] ?? key
const say = (key: string, facts: Record<string, unknown>): string => `${key.split('.').at(-1)}${facts['value'] ?? ''}`

describe('the list of items', () => {
  it.each([
    [{}, ['cover', 'stall']],
    [{ text: '井盖' }, ['cover']],
    [{ text: '0103' }, ['cover']],
    [{ text: 'housing BUREAU' }, ['cover']],
    [{ text: '占道 城管' }, ['stall']],
    [{ text: '占道 井盖' }, []],
    [{ kind: 'event' }, ['stall']],
    [{ unit: 'urban' }, ['stall']],
    [{ unit: 'housing', kind: 'event' }, []],
  ])('keeps those that match %j', (wanted, found) => {
    expect(matching(ITEMS, { ...NOTHING, ...wanted }, names).map((item) => item.item_key)).toEqual(found)
  })

  it.each([
    ['2026-02-28', false],
    ['2026-03-01', true],
    ['2026-12-31', true],
    ['2027-01-01', false],
  ])('knows whether an item is in force on %s', (day, yes) => {
    expect(inForce(stall, day)).toBe(yes)
    expect(inForce(cover, day)).toBe(true)
  })
})

describe('a limit', () => {
  it('is said with its type and its policy', () => {
    expect(limitText(broken, say)).toBe('work_day2')
    expect(limitText({ ...broken, policy: 'end_of_day_from_next' }, say)).toBe('work_day2 · endOfDay')
  })

  it('of several steps is said step by step', () => {
    const steps = [
      { step_key: 'fence', text_zh: '围挡', text_en: 'Fence', limit_type: 'urgent_hour', limit_value: 3 },
      { step_key: 'repair', text_zh: '抢修', text_en: 'Repair', limit_type: 'work_day', limit_value: 5 },
    ] as Condition['steps']
    expect(limitsText({ ...broken, limit_type: null, limit_value: null, steps }, say)).toBe('urgent_hour3 → work_day5')
    expect(limitsText(broken, say)).toBe('work_day2')
  })
})

it('names the local day of an instant', () => {
  expect(localDay('2026-02-28T16:00:00Z')).toBe('2026-03-01')
  expect(localDay('2026-02-28T15:59:59Z')).toBe('2026-02-28')
})
