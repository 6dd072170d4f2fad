import type { LayerSpecification } from 'maplibre-gl'

import { FONT, palette } from '../palette'
import { BASE_SOURCE, type MapLocale } from '../base-source'

export function placeLayers(locale: MapLocale): LayerSpecification[] {
  return [
    {
      id: 'place-name',
      type: 'symbol',
      source: BASE_SOURCE,
      minzoom: 9.5,
      filter: ['==', ['get', 'layer'], 'place'],
      layout: {
        'text-field': ['get', `name_${locale}`],
        'text-font': FONT,
        'text-size': ['interpolate', ['linear'], ['zoom'], 10, 11, 15, 13],
        'text-padding': 8,
        'text-max-width': 8,
      },
      paint: { 'text-color': palette.labelStrong, 'text-halo-color': palette.halo, 'text-halo-width': 1.4 },
    },
  ]
}
