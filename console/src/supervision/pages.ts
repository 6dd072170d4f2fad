/** The pages under the tab 督办, in the order of their tabs. Each is a route of this name, a child of `supervision`. */
export const SUPERVISION_PAGES = ['approvals', 'studies', 'ladder', 'letters', 'lists', 'digest', 'indicators', 'scores', 'quality', 'points'] as const
