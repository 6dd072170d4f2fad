import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, it } from 'vitest'

import { en } from '../src/i18n/en'
import { zhCN } from '../src/i18n/zh-CN'
import { actionOf, keyOf, SHORTCUTS, type ShortcutPage } from '../src/keyboard/shortcuts'

const SOURCE = join(import.meta.dirname, '../src')
const FILES = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.vue'))
const PAGES = Object.keys(SHORTCUTS) as ShortcutPage[]
const text = (name: string) => readFileSync(join(SOURCE, name), 'utf8')

/** Every file that a component shows, however deep. */
function shownBy(name: string, seen = new Set<string>()): Set<string> {
  if (seen.has(name)) return seen
  seen.add(name)
  for (const [, from] of text(name).matchAll(/from '(\.[^']+\.vue)'/g)) shownBy(join(name, '..', from!), seen)
  return seen
}

const FILE_OF: Record<ShortcutPage, string> = {
  dispatch: 'pages/DispatchPage.vue',
  waiting: 'pages/WaitingPage.vue',
  cases: 'pages/CasesPage.vue',
  case: 'pages/CasePage.vue',
  devices: 'pages/DevicesPage.vue',
}

it('has a table for every page that shows a key, and every key that a button promises is in it', () => {
  const named: Record<string, string> = { Esc: 'Escape' }
  for (const page of PAGES) {
    for (const file of shownBy(FILE_OF[page])) {
      for (const [, key] of text(file).matchAll(/\bshortcut="([^"]+)"/g)) {
        expect(actionOf(page, named[key!] ?? key!.toLowerCase()), `${key} of ${file} on ${page}`).not.toBeNull()
      }
      if (text(file).includes('<KeyNumber')) expect(actionOf(page, '1'), `1 of ${file} on ${page}`).toBe('act')
    }
  }
})

it('has every page use its table, so that the compiler asks for each action', () => {
  for (const page of PAGES) expect(text(FILE_OF[page])).toContain(`useShortcuts('${page}', {`)
  const others = FILES.filter((file) => text(file).includes("addEventListener('keydown'") && !file.includes('EvidencePhotos'))
  expect(others).toEqual([])
})

it('promises in words only what works: the searches that name a key are on pages that have it', () => {
  for (const messages of [en, zhCN]) {
    expect(messages.queue.search).toContain('/')
    expect(messages.waiting.search).toContain('/')
    expect(messages.cases.search).toContain('/')
    expect(messages.devices.search).toContain('/')
  }
  for (const page of ['dispatch', 'waiting', 'cases', 'devices'] as const) expect(actionOf(page, '/')).toBe('search')
})

it('has words for every action', () => {
  for (const page of PAGES) {
    for (const action of Object.keys(SHORTCUTS[page])) {
      for (const messages of [en, zhCN]) expect(messages.help, `${page} ${action}`).toHaveProperty(action)
    }
  }
})

it('knows the keys with Caps Lock and under an input method', () => {
  expect(keyOf({ key: 'J', code: 'KeyJ' })).toBe('j')
  expect(keyOf({ key: 'Process', code: 'KeyJ' })).toBe('j')
  expect(keyOf({ key: 'Process', code: 'Digit2' })).toBe('2')
  expect(keyOf({ key: 'ArrowDown', code: 'ArrowDown' })).toBe('ArrowDown')
})
