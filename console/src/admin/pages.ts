import type { Right } from '../api/types'

/** Pages that only these may use; the others are open to all who may read the tab. */
export const ADMIN_RIGHTS: Partial<Record<string, Right>> = { 'catalogue-import': 'administer', accounts: 'administer' }

/** The pages under the tab 管理, in the order of their tabs. Each is a route of this name, a child of `admin`. */
export const ADMIN_PAGES = ['catalogue', 'catalogue-import', 'calendar', 'accounts'] as const
