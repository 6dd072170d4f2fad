import type { LayerSpecification } from 'maplibre-gl'

import { FONT, palette } from '../palette'
import { BASE_SOURCE, type MapLocale } from '../base-source'

export function waterLayers(locale: MapLocale): LayerSpecification[] {
  const isWater: ['==', ['get', string], string] = ['==', ['get', 'layer'], 'water']
  return [
    {
      id: 'water-area',
      type: 'fill',
      source: BASE_SOURCE,
      filter: ['all', isWater, ['==', ['geometry-type'], 'Polygon']],
      paint: { 'fill-color': palette.water },
    },
    {
      id: 'water-line',
      type: 'line',
      source: BASE_SOURCE,
      filter: isWater,
      layout: { 'line-cap': 'round', 'line-join': 'round' },
      paint: {
        'line-color': palette.waterLine,
        'line-width': ['interpolate', ['linear'], ['zoom'], 9, 1.2, 14, 4, 18, 10],
      },
    },
    {
      id: 'water-name',
      type: 'symbol',
      source: BASE_SOURCE,
      minzoom: 11,
      filter: ['all', isWater, ['==', ['geometry-type'], 'LineString']],
      layout: {
        'symbol-placement': 'line',
        'text-field': ['get', `name_${locale}`],
        'text-font': FONT,
        'text-size': 11,
      },
      paint: { 'text-color': '#4f8fb8', 'text-halo-color': palette.halo, 'text-halo-width': 1 },
    },
  ]
}
