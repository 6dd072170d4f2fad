import { expect, it } from 'vitest'

import { Drafts } from '../src/state/drafts'

class Kept implements Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'> {
  readonly items = new Map<string, string>()
  get length(): number {
    return this.items.size
  }
  key = (index: number): string | null => [...this.items.keys()][index] ?? null
  getItem = (key: string): string | null => this.items.get(key) ?? null
  setItem = (key: string, value: string): void => void this.items.set(key, value)
  removeItem = (key: string): void => void this.items.delete(key)
}

it('gives a text back to the person who typed it, and to nobody else', () => {
  const storage = new Kept()
  let who: string | null = 'wang'
  const drafts = new Drafts(() => who, storage, () => 1_000)
  drafts.keep('case/7/void', { reason: '误报' })
  expect(new Drafts(() => 'wang', storage, () => 2_000).load('case/7/void')).toEqual({ at: 1_000, given: { reason: '误报' } })
  who = 'wan'
  expect(drafts.load('case/7/void')).toBeNull()
  expect(drafts.count).toBe(0)
  who = null
  drafts.keep('case/7/void', { reason: '别人' })
  expect(storage.items.size).toBe(1)
})

it('forgets what was sent, discarded, or typed long ago', () => {
  const storage = new Kept()
  let now = 0
  const drafts = new Drafts(() => 'wang', storage, () => now)
  for (const scope of ['a', 'b', 'c']) drafts.keep(scope, scope)
  drafts.drop('a')
  expect(drafts.load('a')).toBeNull()
  expect(drafts.count).toBe(2)
  now = 8 * 24 * 3600 * 1000
  expect(drafts.load('b')).toBeNull()
  drafts.discardAll()
  expect(drafts.count).toBe(0)
})

it('does without a browser that keeps nothing', () => {
  const refuses = () => {
    throw new DOMException('denied')
  }
  const drafts = new Drafts(() => 'wang', { getItem: refuses, setItem: refuses, removeItem: refuses, key: refuses, length: 3 })
  drafts.keep('a', 'a')
  drafts.drop('a')
  expect(drafts.load('a')).toBeNull()
  expect(drafts.count).toBe(0)
})
