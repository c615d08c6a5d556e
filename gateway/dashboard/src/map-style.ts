/** The plain base of a map without tiles: paper, a graticule, and nothing that it would have to ask anybody for. */
import type { Base, Zone } from '@fleet/contracts/airspace'
import type { FilterSpecification, LayerSpecification, StyleSpecification } from 'maplibre-gl'

export type Theme = 'light' | 'dark'
type Feature = { type: 'Feature'; geometry: Geometry; properties: Record<string, string | number> }
type Geometry =
  | { type: 'LineString'; coordinates: number[][] }
  | { type: 'Polygon'; coordinates: number[][][] }
  | { type: 'Point'; coordinates: number[] }
export type Features = { type: 'FeatureCollection'; features: Feature[] }

export const colours = {
  light: { paper: '#f3f5f6', line: '#dde2e5', reach: '#0b6e99', zone: '#b3261e', base: '#1d4e63', way: '#0b6e99' },
  dark: { paper: '#10181d', line: '#1f2a31', reach: '#5bb6dd', zone: '#ff8a80', base: '#a9d8ec', way: '#5bb6dd' },
} as const

/** Degrees between lines, and about how many lines to each side of the middle. */
const fineDeg = 0.02
const coarseDeg = 0.5
const linesEachSide = 60

const feature = (geometry: Geometry, properties: Feature['properties'] = {}): Feature => ({
  type: 'Feature',
  geometry,
  properties,
})
export const collection = (features: Feature[]): Features => ({ type: 'FeatureCollection', features })

/** Meridians and parallels around a place. */
export function graticule({ lat, lon }: { lat: number; lon: number }): Features {
  const lines: Feature[] = []
  for (const [step, kind] of [
    [fineDeg, 'fine'],
    [coarseDeg, 'coarse'],
  ] as const) {
    const half = step * linesEachSide
    const middle = { lat: Math.round(lat / step) * step, lon: Math.round(lon / step) * step }
    const clamp = (value: number) => Math.min(85, Math.max(-85, value))
    for (let index = -linesEachSide; index <= linesEachSide; index += 1) {
      const y = clamp(middle.lat + index * step)
      const x = middle.lon + index * step
      const meridian = [
        [x, clamp(middle.lat - half)],
        [x, clamp(middle.lat + half)],
      ]
      const parallel = [
        [middle.lon - half, y],
        [middle.lon + half, y],
      ]
      lines.push(feature({ type: 'LineString', coordinates: meridian }, { kind }))
      lines.push(feature({ type: 'LineString', coordinates: parallel }, { kind }))
    }
  }
  return collection(lines)
}

/** A circle on the ground as a polygon; good to a thousandth at the ranges of a base. */
function circle({ lat, lon }: { lat: number; lon: number }, radiusM: number): number[][] {
  const corners = 72
  const latDeg = radiusM / 111_320
  const lonDeg = latDeg / Math.cos((lat * Math.PI) / 180)
  return Array.from({ length: corners + 1 }, (_, index) => {
    const angle = (2 * Math.PI * index) / corners
    return [lon + lonDeg * Math.sin(angle), lat + latDeg * Math.cos(angle)]
  })
}

/** How far each base delivers. */
export const reaches = (bases: readonly Base[]): Features =>
  collection(
    bases.map(({ baseId, place, rangeM }) =>
      feature({ type: 'Polygon', coordinates: [circle(place, rangeM)] }, { baseId }),
    ),
  )

export const zoneShapes = (zones: readonly Zone[]): Features =>
  collection(
    zones.map(({ zoneId, name, outline }) => {
      const ring = [...outline, ...outline.slice(0, 1)].map(({ lat, lon }) => [lon, lat])
      return feature({ type: 'Polygon', coordinates: [ring] }, { zoneId, name })
    }),
  )

/** The base without tiles. */
export const plainStyle = (theme: Theme): StyleSpecification => ({
  version: 8,
  sources: {},
  layers: [{ id: 'paper', type: 'background', paint: { 'background-color': colours[theme].paper } }],
})

const ofKind = (kind: string): FilterSpecification => ['==', ['get', 'kind'], kind]

/** Our own layers, over whichever base; `plain`: with a graticule. */
export function fleetLayers(theme: Theme, plain: boolean): LayerSpecification[] {
  const { line, reach, zone } = colours[theme]
  const grid: LayerSpecification[] = [
    {
      id: 'graticule-fine',
      type: 'line',
      source: 'graticule',
      filter: ofKind('fine'),
      minzoom: 9.5,
      paint: { 'line-color': line, 'line-width': 1 },
    },
    {
      id: 'graticule-coarse',
      type: 'line',
      source: 'graticule',
      filter: ofKind('coarse'),
      maxzoom: 9.5,
      paint: { 'line-color': line, 'line-width': 1 },
    },
  ]
  return [
    ...(plain ? grid : []),
    { id: 'reach', type: 'fill', source: 'reach', paint: { 'fill-color': reach, 'fill-opacity': 0.035 } },
    {
      id: 'reach-edge',
      type: 'line',
      source: 'reach',
      paint: { 'line-color': reach, 'line-opacity': 0.35, 'line-width': 1, 'line-dasharray': [4, 4] },
    },
    { id: 'zone', type: 'fill', source: 'zone', paint: { 'fill-color': zone, 'fill-opacity': 0.16 } },
    { id: 'zone-edge', type: 'line', source: 'zone', paint: { 'line-color': zone, 'line-width': 1.5 } },
  ]
}
