import type { FeatureCollection } from 'geojson'
import type { LayerSpecification } from 'maplibre-gl'

import type { Place } from '../../api/types'
import { circle } from '../../geo/distance'
import { DataLayer, point } from '../layer'
import { palette } from '../palette'

export interface SelectionData {
  place: Place | null
  /** Where the terminals are that have been sent to the place. */
  sent: Place[]
  /** The terminal that the pointer or the keyboard points out. */
  pointedOut: Place | null
}

const SOURCE = 'selection'

/** The case on the screen: a ring, the radius of its error, and lines from those on their way. */
export class SelectionLayer extends DataLayer<SelectionData> {
  protected readonly source = SOURCE
  protected readonly layers: LayerSpecification[] = [
    {
      id: 'selection-error',
      type: 'fill',
      source: SOURCE,
      filter: ['==', ['get', 'part'], 'error'],
      paint: { 'fill-color': palette.selected, 'fill-opacity': 0.08 },
    },
    {
      id: 'selection-link',
      type: 'line',
      source: SOURCE,
      filter: ['==', ['get', 'part'], 'link'],
      paint: { 'line-color': palette.link, 'line-width': 1.4, 'line-opacity': 0.7, 'line-dasharray': [2, 2] },
    },
    {
      id: 'selection-ring',
      type: 'circle',
      source: SOURCE,
      filter: ['==', ['get', 'part'], 'ring'],
      paint: {
        'circle-radius': 19,
        'circle-color': 'rgba(255,255,255,0.06)',
        'circle-stroke-color': palette.selected,
        'circle-stroke-width': 2,
      },
    },
    {
      id: 'selection-pointed',
      type: 'circle',
      source: SOURCE,
      filter: ['==', ['get', 'part'], 'pointed'],
      paint: {
        'circle-radius': 15,
        'circle-color': 'rgba(83,198,163,0.12)',
        'circle-stroke-color': palette.online,
        'circle-stroke-width': 2,
      },
    },
  ]

  protected features({ place, sent, pointedOut }: SelectionData): FeatureCollection {
    const features: GeoJSON.Feature[] = []
    if (place) {
      features.push(point(place.lon, place.lat, { part: 'ring' }))
      if (place.error_m) features.push(area(place, place.error_m))
      for (const from of sent) features.push(line(from, place))
    }
    if (pointedOut) features.push(point(pointedOut.lon, pointedOut.lat, { part: 'pointed' }))
    return { type: 'FeatureCollection', features }
  }
}

function area(place: Place, radiusM: number): GeoJSON.Feature {
  return {
    type: 'Feature',
    geometry: { type: 'Polygon', coordinates: [circle(place, radiusM)] },
    properties: { part: 'error' },
  }
}

function line(from: Place, to: Place): GeoJSON.Feature {
  const coordinates = [
    [from.lon, from.lat],
    [to.lon, to.lat],
  ]
  return { type: 'Feature', geometry: { type: 'LineString', coordinates }, properties: { part: 'link' } }
}
