import { expect, it } from 'vitest'

import type { CatalogueItem, Condition } from '../src/api/types'
import { mattersOf, searchMatters } from '../src/filing/matter'

const condition = (cond_key: string, text_zh: string, text_en: string): Condition => ({ cond_key, text_zh, text_en }) as Condition
const item = (item_key: string, title_zh: string, title_en: string, ...conditions: Condition[]): CatalogueItem => ({ item_key, title_zh, title_en, conditions }) as CatalogueItem

const CATALOGUE = {
  items: [
    item('garbage', '暴露垃圾', 'Exposed garbage', condition('heap', '成堆', 'in heaps')),
    item('manhole_gas', '燃气井盖', 'Gas manhole cover', condition('broken', '破损', 'broken')),
    item('manhole_cover', '井盖', 'Manhole cover', condition('broken', '破损', 'broken'), condition('missing', '缺失', 'missing')),
  ],
  sounds: {
    garbage: { full: 'baolulaji', initials: 'bllj' },
    manhole_gas: { full: 'ranqijinggai', initials: 'rqjg' },
    manhole_cover: { full: 'jinggai', initials: 'jg' },
    'manhole_cover/missing': { full: 'queshi', initials: 'qs' },
  },
}
const MATTERS = mattersOf(CATALOGUE)
const found = (typed: string): string[] => searchMatters(MATTERS, typed, 10).map(({ key }) => key)

it('finds by Chinese, English, pinyin and its first letters', () => {
  for (const typed of ['暴露', 'garbage', 'baolu', 'bllj', 'BLLJ', 'laji']) expect(found(typed), typed).toEqual(['garbage/heap'])
})

it('puts what is meant exactly before what only contains it', () => {
  expect(found('jg')).toEqual(['manhole_cover/broken', 'manhole_cover/missing', 'manhole_gas/broken'])
  expect(found('井盖')[0]).toBe('manhole_cover/broken')
})

it('takes each word: the item, then its condition', () => {
  expect(found('jg qs')).toEqual(['manhole_cover/missing'])
  expect(found('井盖 缺')).toEqual(['manhole_cover/missing'])
  expect(found('jg heaps')).toEqual([])
})

it('shows everything while nothing is typed, but no more than asked for', () => {
  expect(found('  ')).toHaveLength(4)
  expect(searchMatters(MATTERS, '', 2)).toHaveLength(2)
})
