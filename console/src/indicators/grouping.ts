import type { IndicatorFilter } from '../api/hub'
import type { Grouping } from '../api/types'

/** How a group becomes a filter. */
export const FILTER_OF: Record<Grouping, keyof IndicatorFilter> = {
  unit: 'unit',
  township: 'territory',
  item: 'item',
  source: 'source',
  severity: 'severity',
  reporter: 'reporter',
  receiver: 'receiver',
  dispatcher: 'dispatcher',
  shift_lead: 'shift_lead',
}
