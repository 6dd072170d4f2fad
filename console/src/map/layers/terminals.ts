import type { FeatureCollection } from 'geojson'
import type { LayerSpecification } from 'maplibre-gl'

import type { Device } from '../../api/types'
import { DataLayer, point } from '../layer'
import { FONT, palette } from '../palette'

export interface TerminalData {
  devices: Iterable<Device>
  /** The text under a terminal seen from near: who it is and how old its position. */
  label(device: Device): string
}

const LOW_BATTERY = 15
const SOURCE = 'terminals'

/** Terminals: an arrow while they report, a hollow one while stale, a cross when offline. */
export class TerminalLayer extends DataLayer<TerminalData> {
  protected readonly source = SOURCE
  override readonly pickable = ['terminal', 'terminal-cluster']
  protected override readonly options = {
    cluster: true,
    clusterRadius: 44,
    clusterMaxZoom: 13,
    clusterProperties: { online: ['+', ['case', ['==', ['get', 'presence'], 'online'], 1, 0]] },
  }
  protected readonly layers: LayerSpecification[] = [
    {
      id: 'terminal-cluster',
      type: 'circle',
      source: SOURCE,
      filter: ['has', 'point_count'],
      paint: {
        // The two kinds of clusters often stand at the same place.
        'circle-translate': [0, 15],
        'circle-color': '#14302b',
        'circle-opacity': 0.92,
        'circle-radius': ['interpolate', ['linear'], ['get', 'point_count'], 2, 13, 50, 19, 500, 28],
        'circle-stroke-color': palette.online,
        'circle-stroke-width': 1.2,
      },
    },
    {
      id: 'terminal-cluster-count',
      type: 'symbol',
      source: SOURCE,
      filter: ['has', 'point_count'],
      layout: {
        'text-field': ['concat', ['get', 'online'], '/', ['get', 'point_count']],
        'text-font': FONT,
        'text-size': 11,
        'text-allow-overlap': true,
      },
      paint: { 'text-translate': [0, 15], 'text-color': '#d4f1e7' },
    },
    {
      id: 'terminal',
      type: 'symbol',
      source: SOURCE,
      filter: ['!', ['has', 'point_count']],
      layout: {
        'icon-image': ['get', 'icon'],
        'icon-rotate': ['get', 'heading'],
        'icon-rotation-alignment': 'map',
        'icon-allow-overlap': true,
        'icon-ignore-placement': true,
        'icon-size': ['interpolate', ['linear'], ['zoom'], 11, 0.7, 15, 1],
      },
    },
    {
      id: 'terminal-label',
      type: 'symbol',
      source: SOURCE,
      minzoom: 14.2,
      filter: ['!', ['has', 'point_count']],
      layout: {
        'text-field': ['get', 'label'],
        'text-font': FONT,
        'text-size': 11,
        'text-anchor': 'top',
        'text-offset': [0, 1],
        'text-optional': true,
      },
      paint: {
        'text-color': ['case', ['get', 'low'], palette.overdue, palette.labelStrong],
        'text-halo-color': palette.halo,
        'text-halo-width': 1.4,
      },
    },
  ]

  protected features({ devices, label }: TerminalData): FeatureCollection {
    const features: GeoJSON.Feature[] = []
    for (const device of devices) {
      if (device.kind !== 'terminals' || !device.position) continue
      const { lon, lat, heading } = device.position
      const low = device.battery !== null && device.battery < LOW_BATTERY
      features.push(
        point(lon, lat, {
          id: device.device_id,
          presence: device.presence,
          icon: iconOf(device),
          heading: heading ?? 0,
          low,
          label: label(device),
        }),
      )
    }
    return { type: 'FeatureCollection', features }
  }
}

function iconOf(device: Device): string {
  if (device.presence === 'offline' || device.presence === 'never') return 'terminal-offline'
  const moving = typeof device.position?.heading === 'number'
  return `terminal-${device.presence}${moving ? '' : '-still'}`
}
