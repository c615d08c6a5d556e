import { createHealth } from '@fleet/runtime/health'
import { type HttpServer, startHttp } from '@fleet/runtime/http'
import { silentLog } from '@fleet/runtime/log'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { FaultPlan, startFaultPlan } from './fault-plan.ts'
import { faultRoutes, isLoopback } from './fault-routes.ts'
import { type FaultKind, type FaultOrder, FaultOrder as FaultOrderSchema } from './faults.ts'
import { droneId } from './testing/rig.ts'
import type { Weather } from './wind.ts'

let http: HttpServer
let inflicted: FaultOrder[]
let weather: Weather[]
beforeEach(async () => {
  inflicted = []
  weather = []
  const faultsOf = () => inflicted.map(({ fault }) => fault).filter((fault): fault is FaultKind => fault !== 'none')
  http = await startHttp({
    host: '127.0.0.1',
    port: 0,
    routes: faultRoutes(
      {
        inflict: (order) => void inflicted.push(order),
        faultsOf,
        setWeather: (given) => void weather.push(given),
      },
      new Set([droneId]),
    ),
    authenticate: () => ({ role: 'operator', sub: 'loopback' }),
    health: createHealth(),
    log: silentLog(),
  })
})
afterEach(() => http.close())

const post = (body: object, path = '/faults') =>
  fetch(`http://127.0.0.1:${http.port}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

describe('the fault routes', () => {
  it('give a drone a fault at run time, and tell which it has', async () => {
    const answer = await post({ droneId, fault: 'silent', forMs: 60_000 })
    expect([answer.status, await answer.json()]).toEqual([200, { droneId, faults: ['silent'] }])
    expect(inflicted).toEqual([{ droneId, fault: 'silent', forMs: 60_000 }])
    const all = await fetch(`http://127.0.0.1:${http.port}/faults`)
    expect(await all.json()).toEqual({ items: [{ droneId, faults: ['silent'] }] })
  })

  it('refuse a drone of another host and a fault that there is not', async () => {
    expect((await post({ droneId: 'drn_elsewhere', fault: 'silent' })).status).toBe(404)
    expect((await post({ droneId, fault: 'tired' })).status).toBe(400)
    expect(inflicted).toEqual([])
  })

  it('set the weather for all drones, and refuse a storm that no drone flies in', async () => {
    expect((await post({ windMps: 8, lossShare: 0.02 }, '/weather')).status).toBe(200)
    expect((await post({ windMps: 80 }, '/weather')).status).toBe(400)
    expect(weather).toEqual([{ windMps: 8, lossShare: 0.02 }])
  })

  it('are offered on loopback alone', () => {
    expect(['127.0.0.1', '::1', 'localhost', '0.0.0.0', '10.0.0.7'].map(isLoopback)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ])
  })
})

describe('faults by configuration', () => {
  it('are read from JSON and begin when their time has come', async () => {
    const plan = FaultPlan.parse(JSON.stringify([{ droneId, fault: 'frozen', afterMs: 50 }]))
    const begun = Promise.withResolvers<FaultOrder>()
    const started = startFaultPlan({ plan, clock: { realMs: (ms) => ms }, inflict: begun.resolve })
    expect(await begun.promise).toEqual(FaultOrderSchema.parse({ droneId, fault: 'frozen' }))
    started.close()
  })

  it('are refused where they are no list of faults', () => {
    expect(FaultPlan.safeParse('frozen').success).toBe(false)
    expect(FaultPlan.safeParse('[{"fault":"frozen"}]').success).toBe(false)
  })
})
