import { describe, expect, it } from 'vitest'

import { takenFrom } from '../src/evidence/exif'

type Value = { type: number; count: number; bytes: number[] }

const u16 = (value: number) => [value & 255, value >> 8]
const u32 = (value: number) => [...u16(value & 0xffff), ...u16(value >>> 16)]
const ascii = (text: string): Value => {
  const bytes = [...new TextEncoder().encode(`${text}\0`)]
  return { type: 2, count: bytes.length, bytes }
}
const fractions = (...pairs: [number, number][]): Value => ({
  type: 5,
  count: pairs.length,
  bytes: pairs.flatMap(([over, under]) => [...u32(over), ...u32(under)]),
})

/** A directory of Exif at `offset`, with its long values behind it. */
function directory(offset: number, entries: [number, Value][]): number[] {
  const head = [...u16(entries.length)]
  const tail: number[] = []
  const tailAt = offset + 2 + entries.length * 12 + 4
  for (const [tag, { type, count, bytes }] of entries) {
    head.push(...u16(tag), ...u16(type), ...u32(count))
    if (bytes.length <= 4) head.push(...bytes, ...Array<number>(4 - bytes.length).fill(0))
    else {
      head.push(...u32(tailAt + tail.length))
      tail.push(...bytes)
    }
  }
  return [...head, ...u32(0), ...tail]
}

function jpeg(exif: [number, Value][], gps: [number, Value][]): ArrayBuffer {
  const pointer = (offset: number): Value => ({ type: 4, count: 1, bytes: u32(offset) })
  const rootSize = 2 + 2 * 12 + 4
  const exifBytes = directory(8 + rootSize, exif)
  const gpsAt = 8 + rootSize + exifBytes.length
  const root = directory(8, [
    [0x8769, pointer(8 + rootSize)],
    [0x8825, pointer(gpsAt)],
  ])
  const tiff = [0x49, 0x49, 42, 0, ...u32(8), ...root, ...exifBytes, ...directory(gpsAt, gps)]
  const size = tiff.length + 8
  const header = [0xff, 0xd8, 0xff, 0xe1, size >> 8, size & 255, 0x45, 0x78, 0x69, 0x66, 0, 0]
  return new Uint8Array([...header, ...tiff, 0xff, 0xda, 0, 2]).buffer
}

const GPS: [number, Value][] = [
  [1, ascii('N')],
  [2, fractions([25, 1], [36, 1], [1671, 100])],
  [3, ascii('E')],
  [4, fractions([103, 1], [49, 1], [2183, 100])],
]

describe('the Exif block of a photo', () => {
  it('says where and when it was taken', () => {
    const taken = takenFrom(jpeg([[0x9003, ascii('2025:08:08 10:05:00')], [0x9011, ascii('+08:00')]], GPS))
    expect(taken.place?.lon).toBeCloseTo(103.822731, 5)
    expect(taken.place?.lat).toBeCloseTo(25.604642, 5)
    expect(taken.at).toBe('2025-08-08T10:05:00+08:00')
  })

  it('gives no instant without an offset, since any would be a guess', () => {
    expect(takenFrom(jpeg([[0x9003, ascii('2025:08:08 10:05:00')]], GPS)).at).toBeNull()
  })

  it('gives nothing where there is none or where it is broken', () => {
    const nothing = { place: null, at: null }
    expect(takenFrom(new Uint8Array([0xff, 0xd8, 0xff, 0xda, 0, 2]).buffer)).toEqual(nothing)
    expect(takenFrom(new ArrayBuffer(0))).toEqual(nothing)
    const whole = jpeg([], GPS)
    for (let length = 0; length < whole.byteLength - 5; length += 7) {
      expect(() => takenFrom(whole.slice(0, length)), `cut at ${length}`).not.toThrow()
    }
  })
})
