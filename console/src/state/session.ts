import { shallowReactive } from 'vue'

import type { Hub } from '../api/hub'
import { Refused } from '../api/http'
import type { Account, LogIn, Right } from '../api/types'
import type { Viewer } from '../cases/queue'

/** Who is logged in; `known` turns true once the hub has said so or denied it. */
export class Session {
  readonly view = shallowReactive<{ account: Account | null; mustChangePassword: boolean; known: boolean }>({
    account: null,
    mustChangePassword: false,
    known: false,
  })

  constructor(private readonly hub: Hub) {}

  /** What the hub lets this person do; what it doesn't isn't shown. */
  may(right: Right): boolean {
    return this.view.account?.rights.includes(right) ?? false
  }

  /** Whether a page that asks for one of these rights is this person's. */
  mayOpen(right: Right | readonly Right[] | undefined): boolean {
    return right === undefined || [right].flat().some((each) => this.may(each))
  }

  /** Files cases and decides about signals, as opposed to a unit, which handles what is sent to it. */
  get operates(): boolean {
    return this.may('operate')
  }

  /** Reads signals, devices and positions, too. */
  get observes(): boolean {
    return this.may('observe')
  }

  /** Sends terminals, and watches video. */
  get dispatches(): boolean {
    return this.may('dispatch')
  }

  get viewer(): Viewer {
    return { operates: this.operates, handles: this.may('handle'), actor: this.actor }
  }

  /** The page where this person's work begins. */
  get home(): 'dispatch' | 'accounts' | 'audit' {
    if (this.may('administer')) return 'accounts'
    return this.may('read') ? 'dispatch' : 'audit'
  }

  /** Who this is in the journal. */
  get actor(): string | null {
    const account = this.view.account
    return account && `user:${account.username}`
  }

  async restore(): Promise<void> {
    try {
      this.take(await this.hub.currentLogIn())
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      this.view.account = null
      this.view.known = true
    }
  }

  async logIn(username: string, password: string): Promise<void> {
    this.take(await this.hub.logIn(username, password))
  }

  async changePassword(current: string, replacement: string): Promise<void> {
    await this.hub.changePassword(current, replacement)
    this.view.mustChangePassword = false
  }

  async logOut(): Promise<void> {
    try {
      await this.hub.logOut()
    } catch (error) {
      if (!(error instanceof Refused)) throw error
    }
    this.view.account = null
  }

  /** The hub no longer knows the cookie. */
  expire(): void {
    this.view.account = null
  }

  private take(logIn: LogIn): void {
    this.view.mustChangePassword = logIn.must_change_password
    this.view.account = logIn.account
    this.view.known = true
  }
}
