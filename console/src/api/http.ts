import { secondsUnused } from '../keyboard/unused'
import type { Problem } from './types'

/** The hub answered, and the answer is no. `problem` carries its facts. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem,
  ) {
    super(problem.detail ?? problem.title)
    this.name = 'Refused'
  }

  /** The last part of the problem's type: `conflict`, `illegal-transition`, … */
  get code(): string {
    return this.problem.type.split(/[/:#]/).pop() ?? ''
  }
}

/** No answer came: the hub or the network is away. */
export class Unreachable extends Error {
  constructor(cause: unknown) {
    super('the hub does not answer', { cause })
    this.name = 'Unreachable'
  }
}

type Value = string | number | boolean | null | undefined
/** A list is repeated under its name. */
type Query = Record<string, Value | readonly Value[]>

export function withQuery(path: string, query: Query = {}): string {
  const single = Object.entries(query).flatMap(([key, value]) => (Array.isArray(value) ? value : [value]).map((each: Value) => [key, each] as const))
  const pairs = single.filter(([, value]) => value !== undefined && value !== null && value !== '')
  if (pairs.length === 0) return path
  return `${path}?${new URLSearchParams(pairs.map(([key, value]) => [key, String(value)])).toString()}`
}

/** JSON over HTTP with the session's cookie. Throws `Refused` or `Unreachable`, nothing else. */
export class Http {
  /** Called on every 401 except those that say that a password is wrong. */
  onUnauthorised: () => void = () => undefined

  constructor(private readonly send: typeof fetch = (...args) => fetch(...args)) {}

  get<T>(path: string, query?: Query): Promise<T> {
    return this.request<T>('GET', withQuery(path, query))
  }

  post<T>(path: string, body?: unknown): Promise<T> {
    return this.request<T>('POST', path, body)
  }

  put<T>(path: string, body?: unknown): Promise<T> {
    return this.request<T>('PUT', path, body)
  }

  /** A page as text. */
  async text(path: string): Promise<string> {
    const response = await this.exchange('GET', path, undefined)
    if (!response.ok) throw await this.refusal(response, path, 'GET')
    return response.text()
  }

  delete<T>(path: string): Promise<T> {
    return this.request<T>('DELETE', path)
  }

  private async request<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await this.exchange(method, path, body)
    if (!response.ok) throw await this.refusal(response, path, method)
    if (response.status === 204) return undefined as T
    return (await response.json()) as T
  }

  private async exchange(method: string, path: string, body: unknown): Promise<Response> {
    const headers: Record<string, string> = {
      Accept: 'application/json',
      'X-Requested-With': 'patrolhub',
      'X-Unused-S': String(Math.min(secondsUnused(), 86_400)),
    }
    const form = body instanceof FormData
    if (body !== undefined && !form) headers['Content-Type'] = 'application/json'
    const payload = body === undefined ? undefined : form ? body : JSON.stringify(body)
    try {
      return await this.send(path, { method, headers, body: payload, credentials: 'same-origin' })
    } catch (error) {
      throw new Unreachable(error)
    }
  }

  private async refusal(response: Response, path: string, method: string): Promise<Refused> {
    const ownAnswer = path === '/api/session/password' || (path === '/api/session' && method !== 'DELETE')
    if (response.status === 401 && !ownAnswer) this.onUnauthorised()
    return new Refused(response.status, await problemOf(response))
  }
}

async function problemOf(response: Response): Promise<Problem> {
  const fallback: Problem = {
    type: 'about:blank',
    title: response.statusText || `HTTP ${response.status}`,
    status: response.status,
  }
  try {
    const found = (await response.json()) as Partial<Problem>
    if (typeof found !== 'object' || found === null) return fallback
    const detail = typeof found.detail === 'string' ? found.detail : undefined
    return { ...fallback, ...found, detail }
  } catch {
    return fallback
  }
}
