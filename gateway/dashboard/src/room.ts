/** What every panel of the operations room shares. */
import { createContext, useContext, useSyncExternalStore } from 'react'
import type { Fleet } from './fleet.ts'
import type { Session } from './session.ts'
import type { Settings } from './settings.ts'

export type Room = {
  session: Session
  settings: Settings
  fleet: Fleet
  /** The map waits for a click and gives its place; null ends that. */
  askPlace: (take: ((place: { lat: number; lon: number }) => void) | null) => void
}

export const RoomContext = createContext<Room | null>(null)

export function useRoom(): Room {
  const room = useContext(RoomContext)
  if (room === null) throw new Error('a panel stands in the operations room')
  return room
}

/** Renders anew when the fleet says so: once a second, and at news. */
export function useFleetVersion(): number {
  const { fleet } = useRoom()
  return useSyncExternalStore(fleet.subscribe, fleet.version)
}
