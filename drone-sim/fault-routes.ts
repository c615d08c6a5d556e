/** Faults and weather at run time: `POST /faults` gives a drone one, `GET /faults` tells who has which, `POST /weather` is for all. Offered on loopback alone. */
import type { DroneId } from '@fleet/contracts/ids'
import { ok, problem, type Route, route } from '@fleet/runtime/http'
import { FaultOrder } from './faults.ts'
import type { Fleet } from './fleet.ts'
import { Weather } from './wind.ts'

/** The routes of a simulator whose drones are `drones`. */
export function faultRoutes(
  fleet: Pick<Fleet, 'inflict' | 'faultsOf' | 'setWeather'>,
  drones: ReadonlySet<DroneId>,
): Route[] {
  const allow = ['operator'] as const
  const reply = (droneId: DroneId) => ({ droneId, faults: fleet.faultsOf(droneId) })
  return [
    route('GET /faults', { allow }, async () => ok({ items: [...drones].map(reply) })),
    route('POST /faults', { allow, body: FaultOrder }, async ({ body }) => {
      if (!drones.has(body.droneId)) return problem({ code: 'drone.unknown', field: '/droneId', value: body.droneId })
      fleet.inflict(body)
      return ok(reply(body.droneId))
    }),
    route('POST /weather', { allow, body: Weather }, async ({ body }) => {
      fleet.setWeather(body)
      return ok(body)
    }),
  ]
}

/** Whether only this machine reaches `host`. */
export const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || host.startsWith('127.')
