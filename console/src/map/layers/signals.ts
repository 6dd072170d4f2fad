import type { FeatureCollection } from 'geojson'
import type { LayerSpecification } from 'maplibre-gl'

import type { WaitingSignal } from '../../api/types'
import { DataLayer, point } from '../layer'
import { FONT, palette } from '../palette'

export interface SignalData {
  signals: readonly WaitingSignal[]
  title(signal: WaitingSignal): string
}

const SOURCE = 'signals'

/** Signals that wait: hollow, since none is a case yet; the size is the severity. */
export class SignalLayer extends DataLayer<SignalData> {
  protected readonly source = SOURCE
  override readonly pickable = ['signal']
  protected readonly layers: LayerSpecification[] = [
    {
      id: 'signal',
      type: 'circle',
      source: SOURCE,
      paint: {
        'circle-radius': ['match', ['get', 'severity'], 'high', 9, 'mid', 7, 6],
        'circle-color': palette.dark,
        'circle-opacity': 0.7,
        'circle-stroke-color': ['match', ['get', 'severity'], 'high', palette.overdue, 'mid', palette.near, palette.calm],
        'circle-stroke-width': 2.5,
      },
    },
    {
      id: 'signal-label',
      type: 'symbol',
      source: SOURCE,
      minzoom: 13.5,
      layout: { 'text-field': ['get', 'title'], 'text-font': FONT, 'text-size': 11.5, 'text-anchor': 'top', 'text-offset': [0, 0.9], 'text-optional': true, 'text-max-width': 12 },
      paint: { 'text-color': palette.labelStrong, 'text-halo-color': palette.halo, 'text-halo-width': 1.4 },
    },
  ]

  protected features({ signals, title }: SignalData): FeatureCollection {
    const placed = signals.filter((signal) => signal.place !== null)
    return {
      type: 'FeatureCollection',
      features: placed.map((signal) => point(signal.place!.lon, signal.place!.lat, { id: signal.signal_id, severity: signal.severity ?? '', title: title(signal) })),
    }
  }
}
