import { expect, it } from 'vitest'

import { en } from '../src/i18n/en'
import { zhCN } from '../src/i18n/zh-CN'

function texts(from: object, path = ''): [string, string][] {
  return Object.entries(from).flatMap(([key, value]: [string, unknown]) =>
    typeof value === 'string' ? [[path + key, value] as [string, string]] : texts(value as object, `${path}${key}.`),
  )
}

const chinese = new Map(texts(zhCN))
const english = new Map(texts(en))

it('says everything in both languages', () => {
  expect([...english.keys()].sort()).toEqual([...chinese.keys()].sort())
  for (const [key, text] of [...chinese, ...english]) expect(text.trim(), key).not.toBe('')
})

it('fills the same places in both languages', () => {
  const places = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1]).sort()
  for (const [key, text] of chinese) expect(places(english.get(key) ?? ''), key).toEqual(places(text))
})

it('has words for every task that nobody could be sent for', () => {
  for (const task of ['guard', 'dispatch', 'verify']) expect(chinese.has(`entry.${task}_unavailable`), task).toBe(true)
})
