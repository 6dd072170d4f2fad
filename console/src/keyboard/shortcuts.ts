import { onBeforeUnmount, onMounted, shallowRef } from 'vue'

import { FILING_KEY } from '../filing/shown'
import { busyElsewhere } from './busy'

const NUMBERS = ['1', '2', '3', '4', '5', '6', '7', '8', '9'] as const
const DOWN = ['j', 'ArrowDown'] as const
const UP = ['k', 'ArrowUp'] as const

/** What keys do, page by page. A page must handle all of its own, and the list of shortcuts is made from this. */
export const SHORTCUTS = {
  dispatch: {
    next: DOWN,
    previous: UP,
    nextMine: ['n'],
    choose: ['x'],
    search: ['/'],
    map: ['m'],
    video: ['v'],
    act: NUMBERS,
    close: ['Escape'],
    file: [FILING_KEY],
    help: ['?'],
  },
  waiting: { next: DOWN, previous: UP, search: ['/'], act: NUMBERS, close: ['Escape'], file: [FILING_KEY], help: ['?'] },
  cases: { next: DOWN, previous: UP, open: ['Enter'], choose: ['x'], search: ['/'], file: [FILING_KEY], help: ['?'] },
  case: { act: NUMBERS, back: ['Escape'], file: [FILING_KEY], help: ['?'] },
  devices: { next: DOWN, previous: UP, search: ['/'], close: ['Escape'], file: [FILING_KEY], help: ['?'] },
} as const

export type ShortcutPage = keyof typeof SHORTCUTS
export type ShortcutAction<P extends ShortcutPage> = Exclude<keyof (typeof SHORTCUTS)[P], 'help' | 'file'>
export type ShortcutHandlers<P extends ShortcutPage> = Record<ShortcutAction<P>, (key: string) => void>

/** The page whose shortcuts are listed now; null while the list is closed. */
export const helpShown = shallowRef<ShortcutPage | null>(null)

/** The key as the table writes it: small letters, also with Caps Lock or while an input method is on. */
export function keyOf({ key, code }: Pick<KeyboardEvent, 'key' | 'code'>): string {
  if (key === 'Process' && /^(Key|Digit)/.test(code)) return code.slice(-1).toLowerCase()
  return key.length === 1 ? key.toLowerCase() : key
}

/** What a key does on a page; null where it does nothing. */
export function actionOf(page: ShortcutPage, key: string): string | null {
  const found = Object.entries(SHORTCUTS[page]).find(([, keys]) => (keys as readonly string[]).includes(key))
  return found ? found[0] : null
}

/** Lets the keys of a page work while it is shown. */
export function useShortcuts<P extends ShortcutPage>(page: P, handlers: ShortcutHandlers<P>): void {
  function pressed(event: KeyboardEvent): void {
    const key = keyOf(event)
    const action = actionOf(page, key)
    // Filing opens from every page, also from those that have no keys of their own.
    if (action === null || action === 'file' || busyElsewhere(event) || claims(event)) return
    event.preventDefault()
    if (action === 'help') helpShown.value = page
    else handlers[action as ShortcutAction<P>](key)
  }
  onMounted(() => window.addEventListener('keydown', pressed))
  onBeforeUnmount(() => window.removeEventListener('keydown', pressed))
}

/** Lets one key work on whatever page, as long as what uses it is there. */
export function useKeyAnywhere(wanted: string, handler: () => void): void {
  function pressed(event: KeyboardEvent): void {
    if (keyOf(event) !== wanted || busyElsewhere(event)) return
    event.preventDefault()
    handler()
  }
  onMounted(() => window.addEventListener('keydown', pressed))
  onBeforeUnmount(() => window.removeEventListener('keydown', pressed))
}

/** Enter belongs to the button or link that has the focus. */
function claims({ key, target }: KeyboardEvent): boolean {
  return key === 'Enter' && target instanceof HTMLElement && target.matches('a, button, summary')
}
