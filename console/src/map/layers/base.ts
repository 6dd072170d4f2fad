import type { FeatureCollection } from 'geojson'
import type { GeoJSONSource, LayerSpecification, Map } from 'maplibre-gl'

import { BASE_SOURCE, type MapLocale } from '../base-source'
import { empty } from '../layer'
import { placeLayers } from './places'
import { roadLayers } from './roads'
import { territoryLayers } from './territories'
import { waterLayers } from './water'

/** The district's own ground: territories, water, roads and place names, all from one collection. */
export class BaseLayers {
  private map: Map | null = null

  constructor(private locale: MapLocale) {}

  add(map: Map): void {
    this.map = map
    map.addSource(BASE_SOURCE, { type: 'geojson', data: empty() })
    for (const layer of this.layers()) map.addLayer(layer)
  }

  show(data: FeatureCollection): void {
    this.map?.getSource<GeoJSONSource>(BASE_SOURCE)?.setData(data)
  }

  setLocale(locale: MapLocale): void {
    this.locale = locale
    for (const layer of this.layers()) {
      if (layer.type !== 'symbol') continue
      this.map?.setLayoutProperty(layer.id, 'text-field', layer.layout?.['text-field'])
    }
  }

  private layers(): LayerSpecification[] {
    return [
      ...territoryLayers(),
      ...waterLayers(this.locale),
      ...roadLayers(this.locale),
      ...placeLayers(this.locale),
    ]
  }
}
