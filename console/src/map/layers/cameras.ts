import type { FeatureCollection } from 'geojson'
import type { LayerSpecification } from 'maplibre-gl'

import type { Device } from '../../api/types'
import { DataLayer, point } from '../layer'
import { FONT, palette } from '../palette'

const SOURCE = 'cameras'

/** Cameras, turned the way they look. */
export class CameraLayer extends DataLayer<Iterable<Device>> {
  protected readonly source = SOURCE
  override readonly pickable = ['camera']
  protected readonly layers: LayerSpecification[] = [
    {
      id: 'camera-far',
      type: 'circle',
      source: SOURCE,
      minzoom: 11,
      maxzoom: 13,
      paint: { 'circle-radius': 2, 'circle-color': palette.camera, 'circle-opacity': 0.7 },
    },
    {
      id: 'camera',
      type: 'symbol',
      source: SOURCE,
      minzoom: 13,
      layout: {
        'icon-image': ['get', 'icon'],
        'icon-rotate': ['get', 'heading'],
        'icon-rotation-alignment': 'map',
        'icon-allow-overlap': true,
        'icon-ignore-placement': true,
        'icon-size': ['interpolate', ['linear'], ['zoom'], 13, 0.7, 16, 1],
      },
    },
    {
      id: 'camera-label',
      type: 'symbol',
      source: SOURCE,
      minzoom: 15,
      layout: {
        'text-field': ['get', 'id'],
        'text-font': FONT,
        'text-size': 10.5,
        'text-anchor': 'top',
        'text-offset': [0, 1.1],
        'text-optional': true,
      },
      paint: { 'text-color': palette.camera, 'text-halo-color': palette.halo, 'text-halo-width': 1.2 },
    },
  ]

  protected features(devices: Iterable<Device>): FeatureCollection {
    const features: GeoJSON.Feature[] = []
    for (const device of devices) {
      if (device.kind !== 'cameras' || !device.position) continue
      features.push(
        point(device.position.lon, device.position.lat, {
          id: device.device_id,
          icon: device.presence === 'online' ? 'camera' : 'camera-offline',
          heading: device.heading_deg ?? 0,
        }),
      )
    }
    return { type: 'FeatureCollection', features }
  }
}
