import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, it } from 'vitest'

import type { CommandResult, JournalEvent, MovedDevice } from '../src/api/types'

/** What OpenAPI does not describe; tests/contract/test_console_events.py holds the same file against the hub. */
const EVENTS = JSON.parse(readFileSync(join(import.meta.dirname, 'events.json'), 'utf8'))
const ACKS = join(import.meta.dirname, '../../wire/schema/terminal_acks.json')

/** The compiler wants every key of `T` here, and no other. */
function keysOf<T>(keys: Record<keyof T, true>): string[] {
  return Object.keys(keys).sort()
}

it('reads only what a row of the live line has', () => {
  const read = keysOf<JournalEvent>({ journal_id: true, at: true, subject: true, subject_id: true, kind: true, data: true })
  expect(Object.keys(EVENTS.journal)).toEqual(expect.arrayContaining(read))
})

it('reads all that the live line says of a terminal that moved', () => {
  const read = keysOf<MovedDevice>({
    device_id: true,
    presence: true,
    battery: true,
    lon: true,
    lat: true,
    heading: true,
    speed: true,
    observed_at: true,
    received_at: true,
  })
  expect(Object.keys(EVENTS.positions.items[0]).sort()).toEqual(read)
})

it.skipIf(!existsSync(ACKS))('reads of a command’s result what the contract of the wire has', () => {
  const result = JSON.parse(readFileSync(ACKS, 'utf8')).$defs.AckResult.properties
  expect(Object.keys(result).sort()).toEqual(keysOf<Required<CommandResult>>({ evidence: true, place: true, text: true }))
})
