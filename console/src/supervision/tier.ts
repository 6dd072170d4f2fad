import type { Matter } from '../api/types'

export type Tier = Matter['tier']

export const TIERS: readonly Tier[] = ['high', 'mid', 'low']

/** How often a matter of each tier is reviewed unless it has a rhythm of its own, in days; as hub/supervision/matters has it. */
export const REVIEW_DAYS: Record<Tier, number> = { high: 7, mid: 14, low: 30 }
