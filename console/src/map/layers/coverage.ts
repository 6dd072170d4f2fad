import type { FeatureCollection } from 'geojson'
import type { LayerSpecification } from 'maplibre-gl'

import type { Device } from '../../api/types'
import { circle } from '../../geo/distance'
import { DataLayer } from '../layer'
import { palette } from '../palette'

const SOURCE = 'coverage'

/** What the cameras see: a ring of their reach, dashed where the camera is away. */
export class CoverageLayer extends DataLayer<Iterable<Device>> {
  protected readonly source = SOURCE
  protected readonly layers: LayerSpecification[] = [
    {
      id: 'coverage-area',
      type: 'fill',
      source: SOURCE,
      minzoom: 13,
      filter: ['get', 'online'],
      paint: { 'fill-color': palette.cameraReach, 'fill-opacity': 0.1 },
    },
    {
      id: 'coverage-edge',
      type: 'line',
      source: SOURCE,
      minzoom: 13,
      filter: ['get', 'online'],
      paint: { 'line-color': palette.cameraReach, 'line-opacity': 0.5, 'line-width': 1 },
    },
    {
      id: 'coverage-edge-away',
      type: 'line',
      source: SOURCE,
      minzoom: 13,
      filter: ['!', ['get', 'online']],
      paint: { 'line-color': palette.offline, 'line-opacity': 0.6, 'line-width': 1, 'line-dasharray': [2, 2] },
    },
  ]

  protected features(devices: Iterable<Device>): FeatureCollection {
    const features: GeoJSON.Feature[] = []
    for (const device of devices) {
      if (device.kind !== 'cameras' || !device.position || !device.coverage_m) continue
      features.push({
        type: 'Feature',
        geometry: { type: 'Polygon', coordinates: [circle(device.position, device.coverage_m)] },
        properties: { id: device.device_id, online: device.presence === 'online' },
      })
    }
    return { type: 'FeatureCollection', features }
  }
}
