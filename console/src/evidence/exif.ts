import type { Place } from '../api/types'

/** Where and when a camera says that it took a picture. */
export interface Taken {
  place: Place | null
  /** ISO 8601 with an offset; null where the picture names no offset. */
  at: string | null
}

const APP1 = 0xffe1
const START_OF_SCAN = 0xffda
const EXIF_HEADER = 0x45786966
const TAG = { exif: 0x8769, gps: 0x8825, originalAt: 0x9003, originalOffset: 0x9011 } as const
const GPS = { latRef: 1, lat: 2, lonRef: 3, lon: 4 } as const
const TYPE_SIZES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8]

/** Reads a JPEG's Exif block; nulls where there is none, or where it is broken. */
export function takenFrom(jpeg: ArrayBuffer): Taken {
  try {
    const tiff = exifBlock(new DataView(jpeg))
    return tiff ? { place: placeIn(tiff), at: instantIn(tiff) } : { place: null, at: null }
  } catch (error) {
    if (error instanceof RangeError) return { place: null, at: null }
    throw error
  }
}

function exifBlock(file: DataView): Tiff | null {
  if (file.byteLength < 4 || file.getUint16(0) !== 0xffd8) return null
  for (let at = 2; at + 4 <= file.byteLength; ) {
    const marker = file.getUint16(at)
    if (marker === START_OF_SCAN || marker >> 8 !== 0xff) return null
    if (marker === APP1 && file.getUint32(at + 4) === EXIF_HEADER) return new Tiff(file, at + 10)
    at += 2 + file.getUint16(at + 2)
  }
  return null
}

type Directory = Map<number, { type: number; count: number; at: number }>

class Tiff {
  private readonly little: boolean

  constructor(
    private readonly file: DataView,
    private readonly start: number,
  ) {
    this.little = file.getUint16(start) === 0x4949
  }

  root(): Directory {
    return this.directory(this.file.getUint32(this.start + 4, this.little))
  }

  sub(parent: Directory, tag: number): Directory {
    const entry = parent.get(tag)
    return entry ? this.directory(this.file.getUint32(entry.at, this.little)) : new Map()
  }

  text(from: Directory, tag: number): string | null {
    const entry = from.get(tag)
    if (!entry) return null
    const bytes = new Uint8Array(this.file.buffer, this.file.byteOffset + entry.at, entry.count)
    return new TextDecoder('latin1').decode(bytes).replace(/\0.*$/s, '').trim()
  }

  fractions(from: Directory, tag: number): number[] {
    const entry = from.get(tag)
    if (!entry || entry.type !== 5) return []
    return Array.from({ length: entry.count }, (_, index) => {
      const at = entry.at + index * 8
      return this.file.getUint32(at, this.little) / this.file.getUint32(at + 4, this.little)
    })
  }

  private directory(offset: number): Directory {
    const found: Directory = new Map()
    const count = this.file.getUint16(this.start + offset, this.little)
    for (let index = 0; index < count; index++) {
      const entry = this.start + offset + 2 + index * 12
      const type = this.file.getUint16(entry + 2, this.little)
      const values = this.file.getUint32(entry + 4, this.little)
      const size = (TYPE_SIZES[type] ?? 1) * values
      const at = size <= 4 ? entry + 8 : this.start + this.file.getUint32(entry + 8, this.little)
      found.set(this.file.getUint16(entry, this.little), { type, count: values, at })
    }
    return found
  }
}

function placeIn(tiff: Tiff): Place | null {
  const gps = tiff.sub(tiff.root(), TAG.gps)
  const lat = degrees(tiff.fractions(gps, GPS.lat), tiff.text(gps, GPS.latRef) === 'S')
  const lon = degrees(tiff.fractions(gps, GPS.lon), tiff.text(gps, GPS.lonRef) === 'W')
  return lat === null || lon === null ? null : { lon, lat }
}

function degrees([whole, minutes, seconds]: number[], negative: boolean): number | null {
  if (whole === undefined || minutes === undefined || seconds === undefined) return null
  const value = whole + minutes / 60 + seconds / 3600
  return Number.isFinite(value) ? (negative ? -value : value) : null
}

function instantIn(tiff: Tiff): string | null {
  const exif = tiff.sub(tiff.root(), TAG.exif)
  const offset = tiff.text(exif, TAG.originalOffset)
  const parts = /^(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)$/.exec(tiff.text(exif, TAG.originalAt) ?? '')
  if (!parts || !offset || !/^[+-]\d\d:\d\d$/.test(offset)) return null
  return `${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}${offset}`
}
