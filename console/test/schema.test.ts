import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { expect, it } from 'vitest'

const OPENAPI = join(import.meta.dirname, '../../hub/web/openapi.json')
const GENERATED = join(import.meta.dirname, '../src/api/schema.ts')

it.skipIf(!existsSync(OPENAPI))('speaks as the hub does; after a change of the hub: npm run types', () => {
  const cli = join(dirname(createRequire(import.meta.url).resolve('openapi-typescript/package.json')), 'bin/cli.js')
  const folder = mkdtempSync(join(tmpdir(), 'schema-'))
  try {
    const fresh = join(folder, 'schema.ts')
    execFileSync(process.execPath, [cli, OPENAPI, '-o', fresh], { stdio: 'pipe' })
    expect(readFileSync(GENERATED, 'utf8') === readFileSync(fresh, 'utf8')).toBe(true)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}, 30_000)
