import type { LayerSpecification } from 'maplibre-gl'

import { palette } from '../palette'
import { BASE_SOURCE } from '../base-source'

export function territoryLayers(): LayerSpecification[] {
  return [
    {
      id: 'territory-ground',
      type: 'fill',
      source: BASE_SOURCE,
      filter: ['all', ['==', ['get', 'layer'], 'territory'], ['==', ['get', 'level'], 'district']],
      paint: { 'fill-color': palette.territory },
    },
    {
      id: 'territory-village',
      type: 'line',
      source: BASE_SOURCE,
      minzoom: 10,
      filter: ['all', ['==', ['get', 'layer'], 'territory'], ['==', ['get', 'level'], 'village']],
      paint: { 'line-color': palette.villageLine, 'line-width': 1 },
    },
    {
      id: 'territory-town',
      type: 'line',
      source: BASE_SOURCE,
      filter: ['all', ['==', ['get', 'layer'], 'territory'], ['in', ['get', 'level'], ['literal', ['township', 'district']]]],
      paint: { 'line-color': palette.townLine, 'line-width': 1.2, 'line-dasharray': [4, 2] },
    },
  ]
}
