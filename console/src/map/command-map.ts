import 'maplibre-gl/dist/maplibre-gl.css'

import type { FeatureCollection } from 'geojson'
import { Map, ScaleControl, setWorkerUrl, type GeoJSONSource, type MapGeoJSONFeature, type MapSourceDataEvent } from 'maplibre-gl'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url'

import type { Device, Place } from '../api/types'
import { BASE_SOURCE, type MapLocale } from './base-source'
import { addIcons } from './icons'
import { BaseLayers } from './layers/base'
import { CameraLayer } from './layers/cameras'
import { CaseLayer, type CaseData } from './layers/cases'
import { CoverageLayer } from './layers/coverage'
import { FenceLayer, type FenceData } from './layers/fences'
import { SelectionLayer, type SelectionData } from './layers/selection'
import { SignalLayer, type SignalData } from './layers/signals'
import { TerminalLayer, type TerminalData } from './layers/terminals'
import { palette } from './palette'

setWorkerUrl(workerUrl)

export type MapState =
  /** The style is being set up; what is shown waits. */
  | 'loading'
  | 'ready'
  /** The browser gives no WebGL. */
  | 'failed'
  | 'removed'

export type MapSubject = { kind: 'case'; id: number } | { kind: 'signal'; id: number } | { kind: 'device'; id: string }
export type Overlay = 'terminals' | 'cameras' | 'coverage' | 'fences' | 'cases'

export interface MapListener {
  state(state: MapState): void
  /** The ground stands on the screen for the first time. */
  drawn?(): void
  picked(subject: MapSubject): void
  /** `at` is in CSS pixels of the map's box. */
  hovered(subject: MapSubject | null, at: { x: number; y: number }): void
  /** A click anywhere, besides what it picked. */
  clicked?(place: Place): void
}

const NEAR_ZOOM = 15.5
const MOVE_MS = 500

/** The live map, free of any framework: give it data, it draws; it tells what was pointed at. */
export class CommandMap {
  private readonly map: Map | null
  private readonly base: BaseLayers
  private readonly overlays = {
    fences: new FenceLayer(),
    coverage: new CoverageLayer(),
    cameras: new CameraLayer(),
    terminals: new TerminalLayer(),
    cases: new CaseLayer(),
    signals: new SignalLayer(),
  }
  private readonly selection = new SelectionLayer()
  private current: MapState = 'loading'
  private waiting: (() => void)[] = []

  constructor(
    container: HTMLElement,
    locale: MapLocale,
    bounds: [number, number, number, number],
    private readonly listener: MapListener,
  ) {
    this.base = new BaseLayers(locale)
    this.map = this.newMap(container, bounds)
    this.map?.once('load', () => this.setUp())
  }

  get state(): MapState {
    return this.current
  }

  showBase(data: FeatureCollection): void {
    this.whenReady(() => {
      this.base.show(data)
      this.watchBase()
    })
  }

  showTerminals(data: TerminalData): void {
    this.whenReady(() => this.overlays.terminals.show(data))
  }

  showCameras(devices: Device[]): void {
    this.whenReady(() => {
      this.overlays.cameras.show(devices)
      this.overlays.coverage.show(devices)
    })
  }

  showFences(data: FenceData): void {
    this.whenReady(() => this.overlays.fences.show(data))
  }

  showCases(data: CaseData): void {
    this.whenReady(() => this.overlays.cases.show(data))
  }

  showSignals(data: SignalData): void {
    this.whenReady(() => this.overlays.signals.show(data))
  }

  showSelection(data: SelectionData): void {
    this.whenReady(() => this.selection.show(data))
  }

  setVisible(overlay: Overlay, visible: boolean): void {
    this.whenReady(() => this.overlays[overlay].setVisible(visible))
  }

  setLocale(locale: MapLocale): void {
    this.whenReady(() => this.base.setLocale(locale))
  }

  goTo(place: Place, zoom = NEAR_ZOOM): void {
    const camera = { center: [place.lon, place.lat] as [number, number], zoom: Math.max(zoom, this.map?.getZoom() ?? 0) }
    this.whenReady(() => {
      // A move ends in the middle of the size that the map has when it begins.
      this.map?.resize()
      this.map?.easeTo({ ...camera, duration: MOVE_MS })
    })
  }

  /** Shows a place from near at once. */
  jumpTo(place: Place, zoom = NEAR_ZOOM): void {
    this.whenReady(() => this.map?.jumpTo({ center: [place.lon, place.lat], zoom }))
  }

  fit(bounds: [number, number, number, number]): void {
    this.whenReady(() => this.map?.fitBounds(bounds, { padding: 24, duration: MOVE_MS }))
  }

  zoom(by: 1 | -1): void {
    this.map?.easeTo({ zoom: this.map.getZoom() + by, duration: 200 })
  }

  remove(): void {
    this.waiting = []
    this.map?.remove()
    this.enter('removed')
  }

  private newMap(container: HTMLElement, bounds: [number, number, number, number]): Map | null {
    try {
      const map = new Map({
        container,
        style: { version: 8, sources: {}, layers: [ground] },
        bounds,
        fitBoundsOptions: { padding: 24 },
        attributionControl: false,
        dragRotate: false,
        pitchWithRotate: false,
        fadeDuration: 0,
        maxZoom: 19,
      })
      map.touchZoomRotate.disableRotation()
      map.addControl(new ScaleControl({ maxWidth: 90 }), 'bottom-left')
      return map
    } catch {
      this.enter('failed')
      return null
    }
  }

  private setUp(): void {
    const map = this.map
    if (!map || this.current !== 'loading') return
    addIcons(map)
    this.base.add(map)
    for (const layer of [this.overlays.fences, this.overlays.coverage, this.selection, this.overlays.cameras]) layer.add(map)
    for (const layer of [this.overlays.terminals, this.overlays.cases, this.overlays.signals]) layer.add(map)
    this.followPointer(map)
    this.enter('ready')
    for (const run of this.waiting.splice(0)) run()
  }

  private followPointer(map: Map): void {
    const layers = Object.values(this.overlays).flatMap((overlay) => overlay.pickable)
    map.on('mousemove', ({ point }) => {
      const feature = map.queryRenderedFeatures(point, { layers })[0]
      map.getCanvas().style.cursor = feature ? 'pointer' : ''
      this.listener.hovered(feature ? subjectOf(feature) : null, point)
    })
    map.on('mouseout', ({ point }) => this.listener.hovered(null, point))
    map.on('click', ({ point, lngLat }) => {
      this.listener.clicked?.({ lon: lngLat.lng, lat: lngLat.lat })
      const features = map.queryRenderedFeatures(point, { layers })
      const feature = features.find((found) => found.source === 'cases') ?? features[0]
      if (!feature) return
      const subject = subjectOf(feature)
      if (subject) this.listener.picked(subject)
      else void this.openCluster(map, feature)
    })
  }

  /** Not by the map's being idle, which it may never be while terminals move. */
  private watchBase(): void {
    const heard = (event: MapSourceDataEvent): void => {
      if (event.sourceId !== BASE_SOURCE || !event.tile || !event.isSourceLoaded) return
      this.map?.off('sourcedata', heard)
      this.map?.once('render', () => this.listener.drawn?.())
    }
    this.map?.on('sourcedata', heard)
  }

  private async openCluster(map: Map, feature: MapGeoJSONFeature): Promise<void> {
    if (feature.geometry.type !== 'Point') return
    const source = map.getSource<GeoJSONSource>(feature.source)
    const zoom = await source?.getClusterExpansionZoom(Number(feature.properties.cluster_id))
    map.easeTo({ center: feature.geometry.coordinates as [number, number], zoom, duration: MOVE_MS })
  }

  private whenReady(run: () => void): void {
    if (this.current === 'ready') run()
    else if (this.current === 'loading') this.waiting.push(run)
  }

  private enter(state: MapState): void {
    this.current = state
    this.listener.state(state)
  }
}

const ground = { id: 'ground', type: 'background', paint: { 'background-color': palette.ground } } as const

function subjectOf(feature: MapGeoJSONFeature): MapSubject | null {
  if (feature.properties.cluster) return null
  if (feature.source === 'signals') return { kind: 'signal', id: Number(feature.properties.id) }
  if (feature.source === 'cases') return { kind: 'case', id: Number(feature.properties.id) }
  return { kind: 'device', id: String(feature.properties.id) }
}
