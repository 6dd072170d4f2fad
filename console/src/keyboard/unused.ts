/** When somebody last touched this page; requests that it sends by itself don't keep a session alive. */
let touchedAt = Date.now()

const TOUCHES = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'] as const

/** Watches the page from now on. */
export function watchTouches(target: EventTarget): void {
  for (const name of TOUCHES) target.addEventListener(name, () => (touchedAt = Date.now()), { capture: true, passive: true })
}

/** For how many whole seconds nobody has touched the page. */
export function secondsUnused(): number {
  return Math.max(0, Math.floor((Date.now() - touchedAt) / 1000))
}
