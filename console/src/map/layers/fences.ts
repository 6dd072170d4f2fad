import type { FeatureCollection, MultiPolygon, Polygon } from 'geojson'
import type { LayerSpecification } from 'maplibre-gl'

import type { Geofence } from '../../api/types'
import { DataLayer } from '../layer'
import { FONT, palette } from '../palette'

const SOURCE = 'fences'

/** `label` is what stands within a fence. */
export interface FenceData {
  fences: Iterable<Geofence>
  label(fence: Geofence): string
}

/** Areas whose crossing is told: dashed, so that nobody takes them for a boundary of the land. */
export class FenceLayer extends DataLayer<FenceData> {
  protected readonly source = SOURCE
  protected readonly layers: LayerSpecification[] = [
    { id: 'fence-area', type: 'fill', source: SOURCE, paint: { 'fill-color': palette.fence, 'fill-opacity': 0.08 } },
    {
      id: 'fence-edge',
      type: 'line',
      source: SOURCE,
      paint: { 'line-color': palette.fence, 'line-opacity': 0.8, 'line-width': 1.4, 'line-dasharray': [4, 2] },
    },
    {
      id: 'fence-label',
      type: 'symbol',
      source: SOURCE,
      minzoom: 12,
      layout: { 'text-field': ['get', 'label'], 'text-font': FONT, 'text-size': 11.5, 'text-optional': true },
      paint: { 'text-color': palette.fence, 'text-halo-color': palette.halo, 'text-halo-width': 1.4 },
    },
  ]

  protected features({ fences, label }: FenceData): FeatureCollection {
    return {
      type: 'FeatureCollection',
      features: [...fences].map((fence) => ({
        type: 'Feature',
        geometry: fence.boundary as unknown as Polygon | MultiPolygon,
        properties: { id: fence.geofence_id, label: label(fence) },
      })),
    }
  }
}
