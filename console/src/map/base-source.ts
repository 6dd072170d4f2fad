/** The one source of the base map; each feature says its `layer`. */
export const BASE_SOURCE = 'base'

export type MapLocale = 'zh' | 'en'
