import type { FeatureCollection } from 'geojson'
import type { LayerSpecification } from 'maplibre-gl'

import { rings } from '../../alarms/rings'
import type { CaseSummary } from '../../api/types'
import { deadlineOf } from '../../cases/deadline'
import { DataLayer, point } from '../layer'
import { FONT, palette } from '../palette'

export interface CaseData {
  cases: Iterable<CaseSummary>
  title(subject: CaseSummary): string
  now: number
}

const SOURCE = 'cases'

/** Cases: the shape is the severity, the colour the deadline; an alarm that rings is red. */
export class CaseLayer extends DataLayer<CaseData> {
  protected readonly source = SOURCE
  override readonly pickable = ['case', 'case-cluster']
  protected override readonly options = {
    cluster: true,
    clusterRadius: 34,
    clusterMaxZoom: 13,
    clusterProperties: { overdue: ['+', ['case', ['==', ['get', 'tone'], 'overdue'], 1, 0]] },
  }
  protected readonly layers: LayerSpecification[] = [
    {
      id: 'case-cluster',
      type: 'circle',
      source: SOURCE,
      filter: ['has', 'point_count'],
      paint: {
        // The two kinds of clusters often stand at the same place.
        'circle-translate': [0, -15],
        'circle-color': '#2b1d20',
        'circle-radius': ['interpolate', ['linear'], ['get', 'point_count'], 2, 14, 50, 20, 500, 28],
        'circle-stroke-color': ['case', ['>', ['get', 'overdue'], 0], palette.overdue, palette.near],
        'circle-stroke-width': 2,
      },
    },
    {
      id: 'case-cluster-count',
      type: 'symbol',
      source: SOURCE,
      filter: ['has', 'point_count'],
      layout: {
        'text-field': [
          'case',
          ['>', ['get', 'overdue'], 0],
          ['concat', ['get', 'point_count'], '\n!', ['get', 'overdue']],
          ['to-string', ['get', 'point_count']],
        ],
        'text-font': FONT,
        'text-size': 11,
        'text-line-height': 1.05,
        'text-allow-overlap': true,
      },
      paint: { 'text-translate': [0, -15], 'text-color': '#ffe9e0' },
    },
    {
      id: 'case',
      type: 'symbol',
      source: SOURCE,
      filter: ['!', ['has', 'point_count']],
      layout: {
        'icon-image': ['concat', 'case-', ['get', 'severity'], '-', ['get', 'tone']],
        'icon-allow-overlap': true,
        'icon-ignore-placement': true,
        'icon-size': ['interpolate', ['linear'], ['zoom'], 11, 0.8, 15, 1],
      },
      // Above its place, so that it does not cover the terminal at the scene.
      paint: { 'icon-translate': [0, -17] },
    },
    {
      id: 'case-label',
      type: 'symbol',
      source: SOURCE,
      minzoom: 13.5,
      filter: ['!', ['has', 'point_count']],
      layout: {
        'text-field': ['get', 'title'],
        'text-font': FONT,
        'text-size': 12,
        'text-anchor': 'bottom',
        'text-offset': [0, -2.6],
        'text-optional': true,
        'text-max-width': 12,
      },
      paint: { 'text-color': '#ffd9c2', 'text-halo-color': palette.halo, 'text-halo-width': 1.6 },
    },
  ]

  protected features({ cases, title, now }: CaseData): FeatureCollection {
    const features = Array.from(cases, (subject) =>
      point(subject.place.lon, subject.place.lat, {
        id: subject.case_id,
        severity: subject.severity,
        tone: rings(subject) ? 'overdue' : deadlineOf(subject, now).tone,
        title: title(subject),
      }),
    )
    return { type: 'FeatureCollection', features }
  }
}
