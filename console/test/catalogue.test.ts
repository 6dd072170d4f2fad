import { describe, expect, it } from 'vitest'

import type { CalendarDay, CatalogueItem, Condition } from '../src/api/types'
import { inForce, matching } from '../src/catalogue/filter'
import { limitsText, limitText } from '../src/catalogue/limit'
import { differs, monthSheets, weekday } from '../src/calendar/year'
import { shownValue } from '../src/catalogue/change'
import { reasonText } from '../src/catalogue/reason'
import { zhCN } from '../src/i18n/zh-CN'
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

describe('a year of days', () => {
  const days = Array.from({ length: 365 }, (_, n): CalendarDay => {
    const day = new Date(Date.UTC(2026, 0, 1 + n)).toISOString().slice(0, 10)
    return { day, is_workday: weekday(day) < 5, note: '', edited_by: null, assumed: false }
  })
  const sheets = monthSheets(days)

  it('is twelve months of weeks that begin on Monday', () => {
    expect(sheets).toHaveLength(12)
    expect(sheets.flatMap((sheet) => sheet.weeks.flat().filter(Boolean))).toHaveLength(365)
    for (const { weeks } of sheets) for (const week of weeks) week.forEach((day, place) => day && expect(weekday(day.day)).toBe(place))
    expect(sheets[1]!.workdays).toBe(20)
  })

  it('marks days that count otherwise than their weekday says', () => {
    expect(differs(days[0]!)).toBe(false)
    expect(differs({ ...days[0]!, is_workday: false })).toBe(true)
    expect(differs({ ...days[2]!, is_workday: true })).toBe(true)
  })
})

it.each([
  [null, '–'],
  [[], '–'],
  ['work_day', 'work_day'],
  [4, '4'],
  [false, 'false'],
  [['a', 'b'], 'a、b'],
  [{ text_zh: '破损' }, '破损'],
])('shows %j as a reader reads it', (value, text) => {
  expect(shownValue(value)).toBe(text)
})

describe('the reason of a bad cell', () => {
  const told = (key: string, facts: Record<string, unknown>): string => {
    const text = zhCN.catalogue.reason[key.split('.').at(-1) as keyof typeof zhCN.catalogue.reason]
    return text.replace(/\{(\w+)\}/g, (_, name: string) => String(facts[name]))
  }

  it.each([
    ['属地 is no registered unit; confirm what it stands for', '“属地”不是已登记的单位，请确认它指什么'],
    ['供电公司 is no registered unit; did you mean 供电局 (power); confirm what it stands for', '“供电公司”不是已登记的单位，是否指 供电局 (power)？请确认'],
    ["'尽快' is no limit such as 2个工作日 or 4工作时", '“尽快”不是时限，应如 2个工作日、4工作时'],
    ['differs from D3 of the same item; make it an item of its own', '与同一事项的 D3 不一致，请单列为一个事项'],
    ['there is no column for kind: say which kind it is: 部件 (component)', '没有写类别（部件、事件、矛盾纠纷、风险隐患、民生服务）'],
    ['something new', 'something new'],
  ])('%s', (reason, text) => {
    expect(reasonText(reason, 'zh', told)).toBe(text)
    expect(reasonText(reason, 'en', told)).toBe(reason)
  })
})
