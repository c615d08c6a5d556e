/** What the room's map shows, put together from what was read and what streams in. */
import type { Base, Zone } from '@fleet/contracts/airspace'
import type { OrderReply } from '@fleet/contracts/rest'
import type { Fleet } from './fleet.ts'
import type { MapProps } from './map.tsx'
import type { Scene, Way } from './map-drawing.ts'
import { mercatorX, mercatorY } from './motion.ts'
import { isOrderOver } from './words.ts'

type Known = { bases: readonly Base[]; zones: readonly Zone[]; orders: readonly OrderReply[]; selected: string | null }

const mercator = ({ lat, lon }: { lat: number; lon: number }) => ({ x: mercatorX(lon), y: mercatorY(lat) })

export function createRoomScene(fleet: Fleet) {
  const listeners = new Set<() => void>()
  let fixed = fixedOf({ bases: [], zones: [], orders: [], selected: null })
  return {
    set: (known: Known) => {
      fixed = fixedOf(known)
      for (const listener of listeners) listener()
    },
    get: (): Omit<Scene, 'isStill' | 'theme'> => ({ ...fixed, drones: fleet.drones, health: fleet.health }),
    subscribe: (listener: () => void) => {
      listeners.add(listener)
      const unsubscribe = fleet.onFrame(listener)
      return () => {
        listeners.delete(listener)
        unsubscribe()
      }
    },
    /** Where the map is to look; it goes there when the selection changes. */
    focusOf: ({
      kind,
      id,
      orders,
      bases,
    }: {
      kind: string | undefined
      id: string | undefined
      orders: readonly OrderReply[] | undefined
      bases: readonly Base[] | undefined
    }): MapProps['focus'] => {
      if (bases === undefined) return null
      const order = orders?.find(({ orderId, flight, status }) =>
        kind === 'orders' ? orderId === id : flight?.droneId === id && !isOrderOver(status),
      )
      const base = bases.find(({ baseId }) => baseId === order?.flight?.baseId)
      const drone = kind === 'drones' && id !== undefined ? fleet.drones.get(id)?.latest : undefined
      const places = [order?.dropOff, base?.place, drone].filter((place) => place !== undefined)
      if (id !== undefined && places.length > 0) return { key: `${id} ${base?.baseId ?? ''}`, places }
      return { key: 'all', places: bases.map(({ place }) => place) }
    },
  }
}

function fixedOf({ bases, zones, orders, selected }: Known) {
  const open = orders.filter(({ status, orderId }) => !isOrderOver(status) || orderId === selected)
  const placeOfBase = new Map(bases.map(({ baseId, place }) => [baseId, place]))
  const isSelected = ({ orderId, flight }: OrderReply) => selected === orderId || selected === flight?.droneId
  const ways = open.flatMap((order): Way[] => {
    const { flight, status, dropOff } = order
    const base = flight === null ? undefined : placeOfBase.get(flight.baseId)
    if (flight === null || base === undefined || isOrderOver(status)) return []
    const isHomeward = status === 'delivered'
    const { droneId } = flight
    return [{ base: mercator(base), dropOff: mercator(dropOff), droneId, isHomeward, isSelected: isSelected(order) }]
  })
  const chosen = open.find(({ orderId }) => orderId === selected)
  return {
    ways: ways.toSorted((a, b) => Number(a.isSelected) - Number(b.isSelected)),
    bases: bases.map(({ place, name }) => ({ ...mercator(place), name })),
    zones: zones.map(({ outline, name }) => ({ ...mercator(middleOf(outline)), name })),
    dropOffs: open.map((order) => ({ ...mercator(order.dropOff), name: order.orderId, isSelected: isSelected(order) })),
    selectedId: chosen === undefined ? selected : (chosen.flight?.droneId ?? null),
  }
}

const middleOf = (outline: Zone['outline']) => ({
  lat: outline.reduce((sum, { lat }) => sum + lat, 0) / outline.length,
  lon: outline.reduce((sum, { lon }) => sum + lon, 0) / outline.length,
})
