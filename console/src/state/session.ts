import { shallowReactive } from 'vue'

import type { Hub } from '../api/hub'
import { Refused } from '../api/http'
import type { Account, LogIn, Role } from '../api/types'
import type { Viewer } from '../cases/queue'

const OPERATORS: readonly Role[] = ['dispatcher', 'seat_operator', 'supervisor', 'admin']

/** Who is logged in; `known` turns true once the hub has said so or denied it. */
export class Session {
  readonly view = shallowReactive<{ account: Account | null; mustChangePassword: boolean; known: boolean }>({
    account: null,
    mustChangePassword: false,
    known: false,
  })

  constructor(private readonly hub: Hub) {}

  /** Sends people and devices, as opposed to a unit, which handles what is sent to it. */
  get operates(): boolean {
    const role = this.view.account?.role
    return role !== undefined && OPERATORS.includes(role)
  }

  get viewer(): Viewer {
    return { role: this.view.account?.role ?? 'unit_handler', actor: this.actor }
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
