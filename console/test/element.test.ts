import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { expect, it } from 'vitest'

const SRC = fileURLToPath(new URL('../src', import.meta.url))
const THEME = fileURLToPath(new URL('../node_modules/element-plus/theme-chalk', import.meta.url))
const styles = readFileSync(join(SRC, 'styles/element.ts'), 'utf8')

/** Parts that are made of others. */
const MADE_OF: Record<string, readonly string[]> = { 'el-date-picker': ['el-date-picker-panel', 'el-time-picker'] }
const hasStyle = (part: string): boolean => (statSync(join(THEME, `${part}.css`), { throwIfNoEntry: false })?.size ?? 0) > 0

/** The parts of Element that the console uses, as their stylesheets are called: ElDatePicker is el-date-picker. */
function used(): string[] {
  const pages = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.vue'))
  const imported = pages.flatMap((name) => [...readFileSync(join(SRC, name), 'utf8').matchAll(/^import \{ (.*) \} from 'element-plus'/gm)].flatMap((found) => found[1]!.split(', ')))
  return [...new Set(imported)].filter((name) => /^El[A-Z]/.test(name)).map((name) => name.replace(/(?!^)([A-Z])/g, '-$1').toLowerCase())
}

it('loads the style of every part of Element that it uses', () => {
  const needed = used().flatMap((part) => MADE_OF[part] ?? [part])
  const missing = needed.filter((part) => hasStyle(part) && !styles.includes(`/${part}.css`))
  expect(missing).toEqual([])
})
