import type { FeatureCollection } from 'geojson'
import type { GeoJSONSource, GeoJSONSourceSpecification, LayerSpecification, Map } from 'maplibre-gl'

/** One source, the style layers that draw it, and `show`, which puts new data in. */
export abstract class DataLayer<T> {
  private map: Map | null = null

  protected abstract readonly source: string
  protected abstract readonly layers: LayerSpecification[]
  protected readonly options: Partial<GeoJSONSourceSpecification> = {}

  protected abstract features(data: T): FeatureCollection

  /** The layers that answer to the pointer. */
  readonly pickable: readonly string[] = []

  add(map: Map): void {
    this.map = map
    map.addSource(this.source, { type: 'geojson', data: empty(), ...this.options })
    for (const layer of this.layers) map.addLayer(layer)
  }

  show(data: T): void {
    this.map?.getSource<GeoJSONSource>(this.source)?.setData(this.features(data))
  }

  setVisible(visible: boolean): void {
    for (const layer of this.layers) {
      this.map?.setLayoutProperty(layer.id, 'visibility', visible ? 'visible' : 'none')
    }
  }
}

export function empty(): FeatureCollection {
  return { type: 'FeatureCollection', features: [] }
}

/** A point feature; nothing else is drawn from live data but the reach of cameras and links. */
export function point(lon: number, lat: number, properties: Record<string, unknown>): GeoJSON.Feature {
  return { type: 'Feature', geometry: { type: 'Point', coordinates: [lon, lat] }, properties }
}
