/** The pages under the tab 管理, in the order of their tabs. Each is a route of this name, a child of `admin`. */
export const ADMIN_PAGES = ['catalogue', 'catalogue-import', 'calendar', 'people', 'accounts'] as const
