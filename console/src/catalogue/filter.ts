import type { CatalogueItem } from '../api/types'

/** What a reader looks for; empty fields mean anything. */
export interface ItemFilter {
  text: string
  kind: string
  unit: string
}

/** The items that match all words of the text and the other fields; `unitNames` are those that a reader may type. */
export function matching(items: readonly CatalogueItem[], filter: ItemFilter, unitNames: (key: string) => string): CatalogueItem[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean)
  return items.filter((item) => {
    if (filter.kind && item.kind !== filter.kind) return false
    if (filter.unit && !unitsOf(item).includes(filter.unit)) return false
    if (words.length === 0) return true
    const said = saidBy(item, unitNames)
    return words.every((word) => said.includes(word))
  })
}

/** The leading unit first. */
export function unitsOf(item: CatalogueItem): string[] {
  return [...(item.lead_unit ? [item.lead_unit] : []), ...(item.assist_units ?? [])]
}

function saidBy(item: CatalogueItem, unitNames: (key: string) => string): string {
  const conditions = item.conditions.flatMap((each) => [each.text_zh, each.text_en])
  const codes = (item.std_codes ?? []).map((each) => each.code)
  return [item.item_key, item.title_zh, item.title_en, ...conditions, ...codes, ...unitsOf(item).map(unitNames)].join(' ').toLowerCase()
}

/** Whether the item applies on a day written as 2026-03-01. */
export function inForce(item: CatalogueItem, day: string): boolean {
  return (!item.effective_from || item.effective_from <= day) && (!item.effective_to || day <= item.effective_to)
}
