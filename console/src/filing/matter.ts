import type { Catalogue, CatalogueItem, Condition } from '../api/types'

/** An item with one of its conditions: what can be filed. */
export interface Matter {
  key: string
  item: CatalogueItem
  condition: Condition
}

interface Sounded extends Matter {
  texts: string[]
  sounds: string[]
}

/** Everything that can be filed, ready to be searched. */
export function mattersOf({ items, sounds }: Pick<Catalogue, 'items' | 'sounds'>): Sounded[] {
  return items.flatMap((item) =>
    item.conditions.map((condition) => {
      const key = `${item.item_key}/${condition.cond_key}`
      const spoken = [sounds[item.item_key], sounds[key]].flatMap((sound) => (sound ? [sound.full, sound.initials] : []))
      return { key, item, condition, texts: [item.title_zh, item.title_en, condition.text_zh, condition.text_en].map((text) => text.toLowerCase()), sounds: spoken }
    }),
  )
}

/**
 * What was typed, in Chinese, English or pinyin (whole or the first letters): each word must be found. What
 * begins with a word comes before what only contains it.
 */
export function searchMatters(matters: readonly Sounded[], typed: string, most: number): Matter[] {
  const words = typed.trim().toLowerCase().split(/\s+/).filter(Boolean)
  const ranked = matters.flatMap((matter) => {
    let rank = 0
    for (const word of words) {
      const found = rankOf(matter, word)
      if (found === null) return []
      rank += found
    }
    return [{ matter, rank }]
  })
  return ranked.sort((a, b) => a.rank - b.rank).slice(0, most).map(({ matter }) => matter)
}

function rankOf({ texts, sounds }: Sounded, word: string): number | null {
  const all = [...texts, ...sounds]
  if (all.some((text) => text === word)) return 0
  if (all.some((text) => text.startsWith(word))) return 1
  return all.some((text) => text.includes(word)) ? 2 : null
}
