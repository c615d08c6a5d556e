/**
 * What moves on the map, drawn over it: drones, trails, itineraries with their progress, and the marks of bases and drop
 * points. Colour and shape both say how a drone is, so that neither is needed alone. The map underneath is drawn anew only
 * when it is moved, so two thousand drones cost one picture each a frame.
 */
import type { HealthState } from '@fleet/contracts/drone-health'
import type { Drone } from './fleet.ts'
import { colours, type Theme } from './map-style.ts'
import { isMoving, shownAt } from './motion.ts'

export type MarkedPlace = { x: number; y: number; name: string }
export type Way = {
  base: { x: number; y: number }
  dropOff: { x: number; y: number }
  droneId: string
  /** The parcel is handed over, and the drone flies home. */
  isHomeward: boolean
  isSelected: boolean
}
export type Scene = {
  theme: Theme
  drones: ReadonlyMap<string, Drone>
  health: ReadonlyMap<string, HealthState>
  ways: readonly Way[]
  bases: readonly MarkedPlace[]
  zones: readonly MarkedPlace[]
  dropOffs: readonly (MarkedPlace & { isSelected: boolean })[]
  selectedId: string | null
  /** Nothing glides: drones stand where they were last reported. */
  isStill: boolean
}
/** Mercator units to pixels: `x * scale + left`. */
export type View = { scale: number; left: number; top: number; width: number; height: number }

export const healthColours: Readonly<Record<Theme, Readonly<Record<HealthState, string>>>> = {
  light: {
    healthy: '#0b6e99',
    suspect: '#8a6100',
    unresponsive: '#b3261e',
    defective: '#b3261e',
    rebooting: '#6b3fa0',
    recovering: '#6b3fa0',
    grounded: '#3d474d',
  },
  dark: {
    healthy: '#5bb6dd',
    suspect: '#e8b84a',
    unresponsive: '#ff8a80',
    defective: '#ff8a80',
    rebooting: '#c9a4f5',
    recovering: '#c9a4f5',
    grounded: '#b6c2c9',
  },
}

const spritePx = 30
/** Where there are many drones, their pictures are smaller. */
const manySpritePx = 21
/** A picture is kept for each so many degrees, so that drawing it is copying: turning it anew costs a software renderer most of a frame. */
const turnStepDeg = 5
/** More trails than this are thinned to the drones in trouble and the selected one. */
const trailsMax = 300
/** A silent drone's picture fades after so long; real milliseconds. */
const fadedMs = 20_000

/** The outline of a health's shape around (0, 0), pointing north; also drawn in the legend. */
export function shapeOf(health: HealthState): string {
  switch (health) {
    case 'healthy':
      return 'M0-10 8 9 0 5-8 9Z'
    case 'suspect':
      return 'M0-10 9 0 5 0 5 9-5 9-5 0-9 0Z'
    case 'unresponsive':
      return 'M0-10 9 0 0 10-9 0Z'
    case 'defective':
      return 'M0-9 10 8-10 8Z'
    case 'rebooting':
      return 'M9 0A9 9 0 1 1-9 0 9 9 0 1 1 9 0M4 0A4 4 0 1 0-4 0 4 4 0 1 0 4 0Z'
    case 'recovering':
      return 'M-3-9H3V-3H9V3H3V9H-3V3H-9V-3H-3Z'
    case 'grounded':
      return 'M-8-8H8V8H-8Z'
  }
}
/** Shapes that mean the way a drone flies; the others stand upright. */
const turns = (health: HealthState) => health === 'healthy' || health === 'suspect'

export function createDrawing(canvas: HTMLCanvasElement) {
  const context = canvas.getContext('2d')
  if (context === null) throw new Error('this browser draws no canvas')
  let pictures = createPictures('light', 1)

  /** Draws `scene`; true where something still glides, and another frame is due. */
  return (scene: Scene, view: View, nowMs: number): boolean => {
    const ratio = window.devicePixelRatio
    const { theme, drones } = scene
    if (pictures.theme !== theme || pictures.ratio !== ratio) pictures = createPictures(theme, ratio)
    if (canvas.width !== Math.round(view.width * ratio) || canvas.height !== Math.round(view.height * ratio)) {
      canvas.width = Math.round(view.width * ratio)
      canvas.height = Math.round(view.height * ratio)
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    context.clearRect(0, 0, view.width, view.height)
    const px = (x: number) => x * view.scale + view.left
    const py = (y: number) => y * view.scale + view.top
    const at = (drone: Drone) => (scene.isStill ? drone.motion.to : shownAt(drone.motion, nowMs))

    drawTrails(context, scene, { px, py, at })
    drawWays(context, scene, { px, py, at })
    drawPlaces(context, scene, { px, py })

    let moving = false
    for (const [droneId, drone] of drones) {
      const shown = at(drone)
      moving ||= !scene.isStill && isMoving(drone.motion, nowMs)
      const x = px(shown.x)
      const y = py(shown.y)
      if (x < -spritePx || y < -spritePx || x > view.width + spritePx || y > view.height + spritePx) continue
      const health = scene.health.get(droneId) ?? 'healthy'
      const isSelected = droneId === scene.selectedId
      const picture = pictures.of(health, {
        headingDeg: turns(health) ? shown.headingDeg : 0,
        sizePx: drones.size > trailsMax && !isSelected ? manySpritePx : spritePx,
      })
      context.globalAlpha = nowMs - drone.heardMs > fadedMs ? 0.45 : 1
      context.setTransform(1, 0, 0, 1, 0, 0)
      // Whole pixels, so that it is a copy and no filter.
      context.drawImage(picture, Math.round(x * ratio - picture.width / 2), Math.round(y * ratio - picture.height / 2))
      if (!isSelected) continue
      context.setTransform(ratio, 0, 0, ratio, 0, 0)
      context.globalAlpha = 1
      context.strokeStyle = colours[theme].base
      context.lineWidth = 2
      context.beginPath()
      context.arc(x, y, spritePx * 0.62, 0, 2 * Math.PI)
      context.stroke()
    }
    context.globalAlpha = 1
    return moving
  }
}

/** Pictures of drones, made when first asked for: at most one for each health, size and step of heading. */
function createPictures(theme: Theme, ratio: number) {
  const made = new Map<string, ImageBitmap>()

  const of = (health: HealthState, { headingDeg, sizePx }: { headingDeg: number; sizePx: number }): ImageBitmap => {
    const steps = Math.round(headingDeg / turnStepDeg) % (360 / turnStepDeg)
    const key = `${health} ${sizePx} ${steps}`
    const known = made.get(key)
    if (known !== undefined) return known
    const side = Math.ceil(sizePx * ratio)
    const sheet = new OffscreenCanvas(side, side)
    const pen = sheet.getContext('2d')
    if (pen === null) throw new Error('this browser draws no canvas')
    pen.translate(side / 2, side / 2)
    pen.scale((ratio * sizePx) / spritePx, (ratio * sizePx) / spritePx)
    pen.rotate((steps * turnStepDeg * Math.PI) / 180)
    const path = new Path2D(shapeOf(health))
    pen.lineJoin = 'round'
    pen.lineWidth = 3
    pen.strokeStyle = colours[theme].paper
    pen.stroke(path)
    pen.fillStyle = healthColours[theme][health]
    pen.fill(path)
    const picture = sheet.transferToImageBitmap()
    made.set(key, picture)
    return picture
  }
  return { theme, ratio, of }
}

type Projection = { px(x: number): number; py(y: number): number }
type At = { at(drone: Drone): { x: number; y: number } }

function drawTrails(pen: CanvasRenderingContext2D, scene: Scene, { px, py, at }: Projection & At): void {
  const { drones, health, theme, selectedId } = scene
  const isMany = drones.size > trailsMax
  pen.lineWidth = 2
  pen.lineJoin = 'round'
  pen.globalAlpha = 0.4
  for (const [droneId, drone] of drones) {
    const state = health.get(droneId) ?? 'healthy'
    if (isMany && droneId !== selectedId && state === 'healthy') continue
    const { trail } = drone
    if (trail.length < 4) continue
    const head = at(drone)
    pen.strokeStyle = healthColours[theme][state]
    pen.beginPath()
    // The newest point is still ahead of the picture of the drone.
    for (let index = 0; index < trail.length - 2; index += 2)
      pen.lineTo(px(trail[index] ?? 0), py(trail[index + 1] ?? 0))
    pen.lineTo(px(head.x), py(head.y))
    pen.stroke()
  }
  pen.globalAlpha = 1
}

/** The way that is flown solid, what is ahead of the drone dashed. */
function drawWays(pen: CanvasRenderingContext2D, scene: Scene, { px, py, at }: Projection & At): void {
  for (const { base, dropOff, droneId, isHomeward, isSelected } of scene.ways) {
    const drone = scene.drones.get(droneId)
    const from = isHomeward ? dropOff : base
    const to = isHomeward ? base : dropOff
    const here = drone === undefined ? from : at(drone)
    pen.strokeStyle = colours[scene.theme].way
    pen.lineWidth = isSelected ? 2.5 : 1.5
    pen.globalAlpha = isSelected ? 1 : 0.55
    pen.beginPath()
    pen.moveTo(px(from.x), py(from.y))
    pen.lineTo(px(here.x), py(here.y))
    pen.stroke()
    pen.setLineDash([6, 5])
    pen.beginPath()
    pen.moveTo(px(here.x), py(here.y))
    pen.lineTo(px(to.x), py(to.y))
    pen.stroke()
    pen.setLineDash([])
  }
  pen.globalAlpha = 1
}

function drawPlaces(pen: CanvasRenderingContext2D, scene: Scene, { px, py }: Projection): void {
  const { paper, base: ink, zone } = colours[scene.theme]
  pen.font = '600 12px system-ui, sans-serif'
  pen.textAlign = 'center'
  const label = (text: string, x: number, y: number, colour: string) => {
    pen.lineWidth = 4
    pen.lineJoin = 'round'
    pen.strokeStyle = paper
    pen.strokeText(text, x, y)
    pen.fillStyle = colour
    pen.fillText(text, x, y)
  }
  for (const { x, y, name } of scene.zones) label(name, px(x), py(y), zone)
  for (const { x, y, isSelected } of scene.dropOffs) {
    pen.lineWidth = 2
    pen.strokeStyle = paper
    pen.fillStyle = ink
    pen.beginPath()
    pen.arc(px(x), py(y), isSelected ? 6 : 4, 0, 2 * Math.PI)
    pen.fill()
    pen.stroke()
  }
  for (const { x, y, name } of scene.bases) {
    pen.fillStyle = paper
    pen.strokeStyle = ink
    pen.lineWidth = 2
    pen.beginPath()
    pen.roundRect(px(x) - 8, py(y) - 8, 16, 16, 4)
    pen.fill()
    pen.stroke()
    pen.beginPath()
    pen.arc(px(x), py(y), 2.5, 0, 2 * Math.PI)
    pen.fillStyle = ink
    pen.fill()
    label(name, px(x), py(y) + 26, ink)
  }
}
