/**
 * The map: MapLibre draws the base, zones and reaches; a canvas over it draws what moves (map-drawing.ts). Loaded after the
 * page. North is up and it is flat, so a place on it is one multiplication away.
 */
import 'maplibre-gl/dist/maplibre-gl.css'
import type { Base, Zone } from '@fleet/contracts/airspace'
import type { Place } from '@fleet/contracts/units'
import {
  AttributionControl,
  GeoJSONSource,
  LngLatBounds,
  Map as MapLibre,
  NavigationControl,
  ScaleControl,
  setWorkerUrl,
} from 'maplibre-gl'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url'
import { useEffect, useRef, useState } from 'react'
import { createDrawing, type Scene, type View } from './map-drawing.ts'
import {
  collection,
  type Features,
  fleetLayers,
  graticule,
  plainStyle,
  reaches,
  type Theme,
  zoneShapes,
} from './map-style.ts'
import { shownAt } from './motion.ts'

// The page's policy lets workers come from us alone, and not from a blob.
setWorkerUrl(workerUrl)

export type MapProps = {
  theme: Theme
  styleUrl: string | null
  bases: readonly Base[]
  zones: readonly Zone[]
  /** Read before each frame: what moves is not React's. */
  scene: () => Omit<Scene, 'isStill' | 'theme'>
  /** Calls back whenever there is something new to draw. */
  subscribe: (onChange: () => void) => () => void
  /** The map goes there when it changes; `key` says that it did. */
  focus: { key: string; places: readonly Place[] } | null
  label: string
  onPick?: (droneId: string) => void
  onPlace?: ((place: Place) => void) | undefined
}

const pickPx = 18
const tilePx = 512
const prefersStillness = () => matchMedia('(prefers-reduced-motion: reduce)').matches

const centreOf = (bases: readonly Base[]): Place => bases[0]?.place ?? { lat: 43.6, lon: 7.06 }

export default function FleetMap(props: MapProps) {
  const holder = useRef<HTMLDivElement>(null)
  const latest = useRef(props)
  latest.current = props
  const [map, setMap] = useState<MapLibre | null>(null)
  const { theme, styleUrl, bases, zones, focus, label } = props

  useEffect(() => {
    if (holder.current === null) return
    const { map: made, remove } = createMap(holder.current, () => latest.current)
    setMap(made)
    return () => {
      setMap(null)
      remove()
    }
  }, [])

  useEffect(() => {
    if (map === null) return
    map.setStyle(styleUrl ?? plainStyle(theme), { diff: false })
    const dress = () => addLayers(map, latest.current)
    map.once('style.load', dress)
    return () => void map.off('style.load', dress)
  }, [map, theme, styleUrl])

  useEffect(() => {
    if (map === null) return
    setData(map, 'graticule', graticule(centreOf(bases)))
    setData(map, 'reach', reaches(bases))
    setData(map, 'zone', zoneShapes(zones))
    map.triggerRepaint()
  }, [map, bases, zones])

  const focusKey = focus?.key
  useEffect(() => {
    const places = latest.current.focus?.places ?? []
    if (map === null || focusKey === undefined || places.length === 0) return
    const bounds = new LngLatBounds()
    for (const { lat, lon } of places) bounds.extend([lon, lat])
    map.fitBounds(bounds, { padding: 70, maxZoom: 14.5, duration: prefersStillness() ? 0 : 600 })
  }, [map, focusKey])

  return <section className="map" ref={holder} aria-label={label} />
}

function createMap(holder: HTMLElement, props: () => MapProps) {
  const { lat, lon } = centreOf(props().bases)
  const map = new MapLibre({
    container: holder,
    style: props().styleUrl ?? plainStyle(props().theme),
    center: [lon, lat],
    zoom: 11.2,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    maxPitch: 0,
    renderWorldCopies: false,
    attributionControl: false,
    fadeDuration: 0,
  })
  map.touchZoomRotate.disableRotation()
  map.keyboard.disableRotation()
  map.addControl(new NavigationControl({ showCompass: false }), 'top-right')
  map.addControl(new ScaleControl({ unit: 'metric' }), 'bottom-right')
  if (props().styleUrl !== null) map.addControl(new AttributionControl({ compact: true }), 'bottom-right')
  map.getCanvas().setAttribute('aria-label', 'Map: arrow keys move it, plus and minus zoom')

  const canvas = document.createElement('canvas')
  canvas.className = 'moving'
  canvas.setAttribute('aria-hidden', 'true')
  map.getCanvasContainer().append(canvas)
  const draw = createDrawing(canvas)
  const view = (): View => {
    const scale = tilePx * 2 ** map.getZoom()
    const { clientWidth: width, clientHeight: height } = holder
    const { lng, lat } = map.getCenter()
    const y = (1 - Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)) / Math.PI) / 2
    return { scale, left: width / 2 - ((lng + 180) / 360) * scale, top: height / 2 - y * scale, width, height }
  }

  let frame: number | null = null
  const paint = (nowMs: number) => {
    frame = null
    const scene = { ...props().scene(), theme: props().theme, isStill: prefersStillness() }
    if (draw(scene, view(), nowMs)) ask()
  }
  const ask = () => {
    frame ??= requestAnimationFrame(paint)
  }
  // Drawn with the map and not a frame later, or the drones would swim over it while it is moved.
  map.on('render', () => {
    if (frame !== null) cancelAnimationFrame(frame)
    paint(performance.now())
  })
  const unsubscribe = props().subscribe(ask)
  holder.setAttribute('aria-busy', 'true')
  map.on('dataloading', () => holder.setAttribute('aria-busy', 'true'))
  map.on('idle', () => holder.setAttribute('aria-busy', 'false'))

  map.on('click', ({ point, lngLat }) => {
    const { onPlace, onPick, scene } = props()
    if (onPlace !== undefined) return onPlace({ lat: lngLat.lat, lon: lngLat.lng })
    if (onPick === undefined) return
    const { scale, left, top } = view()
    const nowMs = performance.now()
    let nearest: { droneId: string; px: number } | undefined
    for (const [droneId, { motion }] of scene().drones) {
      const { x, y } = shownAt(motion, nowMs)
      const px = Math.hypot(x * scale + left - point.x, y * scale + top - point.y)
      if (px < pickPx && (nearest === undefined || px < nearest.px)) nearest = { droneId, px }
    }
    if (nearest !== undefined) onPick(nearest.droneId)
  })
  return {
    map,
    remove: () => {
      unsubscribe()
      if (frame !== null) cancelAnimationFrame(frame)
      map.remove()
    },
  }
}

function addLayers(map: MapLibre, { theme, styleUrl, bases, zones }: MapProps): void {
  const sources = { graticule: graticule(centreOf(bases)), reach: reaches(bases), zone: zoneShapes(zones) }
  for (const [name, data] of Object.entries(sources)) {
    if (map.getSource(name) === undefined) map.addSource(name, { type: 'geojson', data: data satisfies Features })
  }
  for (const layer of fleetLayers(theme, styleUrl === null)) {
    if (map.getLayer(layer.id) === undefined) map.addLayer(layer)
  }
}

function setData(map: MapLibre, name: string, data: Features): void {
  const source = map.getSource(name)
  if (source instanceof GeoJSONSource) source.setData(data.features.length === 0 ? collection([]) : data)
}
