import type { LayerSpecification } from 'maplibre-gl'

import { FONT, palette } from '../palette'
import { BASE_SOURCE, type MapLocale } from '../base-source'

const WIDTHS = { primary: [1.6, 4.5, 14], secondary: [1, 3, 10], street: [0.4, 1.8, 7] } as const
const COLOURS = { primary: palette.roadPrimary, secondary: palette.roadSecondary, street: palette.roadStreet }

export function roadLayers(locale: MapLocale): LayerSpecification[] {
  return [road('street', 11.5), road('secondary', 9), road('primary', 0), names(locale)]
}

function road(kind: keyof typeof WIDTHS, minzoom: number): LayerSpecification {
  const [far, middle, near] = WIDTHS[kind]
  return {
    id: `road-${kind}`,
    type: 'line',
    source: BASE_SOURCE,
    minzoom,
    filter: ['all', ['==', ['get', 'layer'], 'road'], ['==', ['get', 'class'], kind]],
    layout: { 'line-cap': 'round', 'line-join': 'round' },
    paint: {
      'line-color': COLOURS[kind],
      'line-width': ['interpolate', ['exponential', 1.5], ['zoom'], 10, far, 14.5, middle, 18, near],
    },
  }
}

function names(locale: MapLocale): LayerSpecification {
  return {
    id: 'road-name',
    type: 'symbol',
    source: BASE_SOURCE,
    minzoom: 12.5,
    filter: ['==', ['get', 'layer'], 'road'],
    layout: {
      'symbol-placement': 'line',
      'symbol-spacing': 320,
      'text-field': ['get', `name_${locale}`],
      'text-font': FONT,
      'text-size': 11.5,
    },
    paint: { 'text-color': palette.label, 'text-halo-color': palette.halo, 'text-halo-width': 1.4 },
  }
}
