/** The first calls of a newcomer, as curl lines that can be pasted. */
import { createApiClient, got } from '@fleet/client/client'
import type { Place } from '@fleet/contracts/units'
import { type Bearer, createBearer } from './sign-in.ts'
import type { StackInfo } from './stack-info.ts'

/** About 600 m north and 400 m east at the default bases: within reach of any drone. */
const AWAY = { lat: 0.0054, lon: 0.0051 }
const PARCEL_WEIGHT_G = 500

export type FirstOrder = { dropOff: Place; parcel: { weightG: number } }

/** An order that can be flown: near the first base. */
export async function firstOrder(gateway: string, authorization: Bearer): Promise<FirstOrder> {
  const [base] = (await got(createApiClient({ gateway, authorization }).GET('/v1/bases'))).items
  if (base === undefined) throw new Error('GET /v1/bases names no base.')
  const { lat, lon } = base.place
  return { dropOff: { lat: round(lat + AWAY.lat), lon: round(lon + AWAY.lon) }, parcel: { weightG: PARCEL_WEIGHT_G } }
}

/** URLs of a running stack, and how to talk to it. */
export async function describeStack({ gateway, services, kafka, mongo, accounts }: StackInfo): Promise<string[]> {
  const where = [
    ...(gateway === undefined ? [] : [`gateway       ${gateway}`]),
    ...Object.entries(services).map(([name, url]) => `${name.padEnd(13)} ${url}`),
    `kafka         ${kafka.internal} (inside), ${kafka.drone} (drones, mutual TLS)`,
    `mongo         ${mongo}`,
  ]
  if (gateway === undefined || accounts === undefined) return where
  const { customer, operator } = accounts
  const bearer = createBearer(gateway, customer, () => performance.now())
  const order = JSON.stringify(await firstOrder(gateway, bearer))
  const json = `-H 'content-type: application/json'`
  return [
    ...where,
    '',
    `The operations room, where the fleet flies on a map: ${gateway}/`,
    'Accounts (also in stack.json; an operator sees the fleet):',
    `  ${customer.user} ${customer.password}`,
    `  ${operator.user} ${operator.password}`,
    '',
    'First calls:',
    `  export TOKEN=$(curl -s ${gateway}/v1/sessions ${json} -d '${JSON.stringify(customer)}' | sed 's/.*"accessToken":"\\([^"]*\\)".*/\\1/')`,
    `  curl -s ${gateway}/v1/bases -H "authorization: Bearer $TOKEN"`,
    `  curl -si ${gateway}/v1/orders -H "authorization: Bearer $TOKEN" -H "idempotency-key: $(date +%s%N)" ${json} -d '${order}'`,
    `  curl -sN ${gateway}/v1/orders/ord_.../events -H "authorization: Bearer $TOKEN"   # the id from the Location header`,
  ]
}

const round = (degrees: number) => Math.round(degrees * 1e6) / 1e6
