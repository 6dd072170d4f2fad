import { describe, expect, it } from 'vitest'

import { boundsOf } from '../src/geo/bounds'

describe('boundsOf', () => {
  it('holds every part of several polygons', () => {
    const geometry = {
      type: 'MultiPolygon',
      coordinates: [[[[103.8, 25.5], [103.9, 25.5], [103.9, 25.6], [103.8, 25.5]]], [[[103.7, 25.7], [103.75, 25.7], [103.75, 25.65], [103.7, 25.7]]]],
    }
    expect(boundsOf(geometry)).toEqual([103.7, 25.5, 103.9, 25.7])
  })
})
