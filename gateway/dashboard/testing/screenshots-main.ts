/** `npm run screenshots`: each panel of a stack of its own, as pictures for the documents. Ends by itself. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { waitUntil } from '@fleet/local/wait'
import type { Page } from 'playwright-core'
import { z } from 'zod'
import { findChromium } from './chromium.ts'
import { signIn, startStage } from './stage.ts'

const folder = fileURLToPath(new URL('../../../docs/pictures', import.meta.url))
const drones = 12
/** Slow enough that what flies in the first picture still flies in the last. */
const worldSpeed = 4
/** Places in reach of the bases, so that several itineraries cross the map. */
const dropOffs = [
  { lat: 43.6417, lon: 7.0903 },
  { lat: 43.6053, lon: 7.1001 },
  { lat: 43.5741, lon: 7.0522 },
  { lat: 43.6012, lon: 7.0123 },
  { lat: 43.6387, lon: 7.0212 },
]
const waitMs = 60_000
/** What glides and fades has come to rest. */
const restMs = 1_200

const Session = z.object({ accessToken: z.string() })
const Faulty = z.object({ items: z.array(z.object({ droneId: z.string() })) })
const Orders = z.object({
  items: z.array(z.object({ status: z.string(), flight: z.object({ droneId: z.string() }).nullable() })),
})

const executable = findChromium()
if (executable === undefined) {
  console.error('There is no Chromium: install it, or name it by PLAYWRIGHT_CHROMIUM.')
  process.exit(1)
}
mkdirSync(folder, { recursive: true })
await using stage = await startStage(executable, { drones, worldSpeed, say: console.error }, Date.now)
const { origin, accounts } = stage

const json = { 'content-type': 'application/json' }
async function bearer(account: (typeof accounts)['customer']) {
  const response = await fetch(`${origin}/v1/sessions`, {
    method: 'POST',
    headers: json,
    body: JSON.stringify(account),
  })
  return { ...json, authorization: `Bearer ${Session.parse(await response.json()).accessToken}` }
}
const asCustomer = await bearer(accounts.customer)
const asOperator = await bearer(accounts.operator)
const post = async (url: string, headers: Record<string, string>, body: unknown) => {
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!response.ok) throw new Error(`POST ${url}: ${response.status} ${await response.text()}`)
}
const place = (dropOff: (typeof dropOffs)[number], index: number) =>
  post(
    `${origin}/v1/orders`,
    { ...asCustomer, 'idempotency-key': `picture-${index}` },
    { dropOff, parcel: { weightG: 500 } },
  )

async function take(page: Page, name: string): Promise<void> {
  if ((await page.locator('.map').count()) > 0) await page.locator('.map[aria-busy="false"]').waitFor()
  await page.waitForTimeout(restMs)
  await page.screenshot({ path: join(folder, `${name}.png`) })
  console.log(`docs/pictures/${name}.png`)
}
const panel = (page: Page, name: string) => page.getByRole('navigation').getByRole('link', { name }).click()

await post(`${origin}/v1/zones`, asOperator, {
  name: 'Hospital',
  outline: [
    { lat: 43.5992, lon: 7.0722 },
    { lat: 43.5992, lon: 7.0842 },
    { lat: 43.5902, lon: 7.0842 },
    { lat: 43.5902, lon: 7.0722 },
  ],
})
await post(`${origin}/v1/deny-list`, asOperator, { address: '192.0.2.17', reason: 'Password spraying', forS: 3_600 })
const operator = await stage.open('/orders')
await operator.getByRole('button', { name: 'Sign in' }).waitFor()
await take(operator, 'sign-in')
await signIn(operator, accounts.operator)
await operator.getByText(/^Live/).waitFor()
await Promise.all(dropOffs.map(place))
const flying = await waitUntil(
  'drones in flight',
  async () => {
    const response = await fetch(`${origin}/v1/orders`, { headers: asOperator })
    const found = Orders.parse(await response.json()).items.filter(({ status }) => status === 'in-flight')
    return found.length >= 4 ? found.flatMap(({ flight }) => flight?.droneId ?? []) : undefined
  },
  { timeoutMs: waitMs },
)
await take(operator, 'orders')

// One in the air that froze, and one on the ground that an operator grounded.
const simulator = stage.stack.processes.get('sim')?.url ?? ''
const all = Faulty.parse(await (await fetch(`${simulator}/faults`)).json()).items.map(({ droneId }) => droneId)
const [frozen = '', healthy = ''] = flying
const idle = all.find((droneId) => !flying.includes(droneId)) ?? ''
await post(`${simulator}/faults`, json, { droneId: frozen, fault: 'frozen', forMs: 60_000 })
await post(`${origin}/v1/drones/${idle}/grounding`, asOperator, { note: 'Propeller looks bent' })

const customer = await stage.open('/orders')
await signIn(customer, accounts.customer)
await customer.locator('.list a').first().click()
await customer.getByRole('button', { name: 'Link for the recipient' }).click()
const link = await customer.getByRole('link', { name: 'Tracking page' }).getAttribute('href')
await take(customer, 'order')
const phone = await stage.open(new URL(link ?? '').pathname, { viewport: { width: 390, height: 780 } })
await take(phone, 'tracking')
await phone.emulateMedia({ colorScheme: 'dark' })
await take(phone, 'tracking-dark')

await operator.goto(`${origin}/drones/${healthy}`)
await operator.getByRole('button', { name: 'Hold' }).click()
await operator.getByRole('dialog').getByRole('button', { name: 'Hold' }).click()
await operator.getByLabel('Commands given here').getByText('Succeeded').waitFor({ timeout: waitMs })
await take(operator, 'drone')
for (const name of ['Drones', 'Services', 'Attacks']) {
  await panel(operator, name)
  await operator.locator('h1').waitFor()
  await take(operator, name.toLowerCase())
}
await panel(operator, 'Alerts')
await operator.locator('.alert').first().waitFor()
await take(operator, 'alerts')
await operator.getByRole('button', { name: 'Dark' }).click()
await panel(operator, 'Orders')
await take(operator, 'dark')
for (const fault of stage.faults()) console.error(fault)
