/** What was typed and not sent yet, as the browser keeps it. */
export interface Draft<T> {
  /** When it was typed last (ms). */
  at: number
  given: T
}

type DraftStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>

const PREFIX = 'patrolhub.draft.'
const KEPT_MS = 7 * 24 * 3600 * 1000

/**
 * Texts that were typed and not sent. They outlive Escape, the end of the session and a reload, each for the
 * person who typed it, until they are sent, or until that person discards them.
 */
export class Drafts {
  constructor(
    private readonly username: () => string | null,
    private readonly storage: DraftStorage = localStorage,
    private readonly now: () => number = () => Date.now(),
  ) {}

  load<T>(scope: string): Draft<T> | null {
    const key = this.key(scope)
    if (key === null) return null
    try {
      const draft = JSON.parse(this.storage.getItem(key) ?? 'null') as Draft<T> | null
      if (draft === null || this.now() - draft.at <= KEPT_MS) return draft
      this.storage.removeItem(key)
    } catch {
      // A browser that keeps nothing, or what somebody else wrote there: there is no draft.
    }
    return null
  }

  keep(scope: string, given: unknown): void {
    const key = this.key(scope)
    if (key === null) return
    const known = this.load(scope)
    if (known && JSON.stringify(known.given) === JSON.stringify(given)) return
    try {
      this.storage.setItem(key, JSON.stringify({ at: this.now(), given } satisfies Draft<unknown>))
    } catch {
      // Full or forbidden: the text is still in its field.
    }
  }

  drop(scope: string): void {
    const key = this.key(scope)
    if (key !== null) this.remove(key)
  }

  /** How many texts of this person are not sent. */
  get count(): number {
    return this.keys().length
  }

  discardAll(): void {
    for (const key of this.keys()) this.remove(key)
  }

  private keys(): string[] {
    const prefix = this.key('')
    if (prefix === null) return []
    try {
      const all = Array.from({ length: this.storage.length }, (_, index) => this.storage.key(index))
      return all.filter((key): key is string => key !== null && key.startsWith(prefix))
    } catch {
      return []
    }
  }

  private remove(key: string): void {
    try {
      this.storage.removeItem(key)
    } catch {
      // As above.
    }
  }

  private key(scope: string): string | null {
    const username = this.username()
    return username === null ? null : `${PREFIX}${encodeURIComponent(username)}/${scope}`
  }
}
