/** The pages in a real browser, against a stack of their own. Skipped, and counted so, where there is no Chromium. */
import { AxeBuilder } from '@axe-core/playwright'
import { OrderReply } from '@fleet/contracts/rest'
import { signalPart } from '@fleet/local/part-control'
import { createBearer } from '@fleet/local/sign-in'
import { inflict } from '@fleet/scenarios/simulators'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Page } from 'playwright-core'
import { findChromium } from './chromium.ts'
import { type Stage, signIn, startStage } from './stage.ts'

const executable = findChromium()
// A machine without a browser cannot run these; the last line says how many.
const describeHere = executable === undefined ? describe.skip : describe

let stage: Stage
let bearer: () => Promise<string>
let customerPage: Page
let operatorPage: Page
/** 2.5 km from the first base: far enough that a flight can be looked at. */
const dropOff = { lat: '43.6340', lon: '7.0750' }
const slowMs = 45_000

/** What axe finds against WCAG 2.2 AA, as `rule: where`. */
async function violations(page: Page): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
    .analyze()
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ target }) => `${new URL(page.url()).pathname} ${id}: ${target.join(' ')}`),
  )
}

const goTo = (page: Page, panel: string) => page.getByRole('navigation').getByRole('link', { name: panel }).click()

async function placeOrder(page: Page): Promise<string> {
  await page.getByRole('navigation').getByRole('link', { name: 'Orders' }).click()
  await page.getByLabel('Latitude').fill(dropOff.lat)
  await page.getByLabel('Longitude').fill(dropOff.lon)
  await page.getByRole('button', { name: 'Place order' }).click()
  await page.waitForURL(/\/orders\/ord_/)
  return new URL(page.url()).pathname
}

describeHere('the pages', () => {
  beforeAll(async () => {
    stage = await startStage(executable ?? '', { drones: 3, worldSpeed: 10, say: () => undefined }, Date.now)
    bearer = createBearer(stage.origin, stage.accounts.customer, () => performance.now())
    customerPage = await stage.open('/')
    // Else axe reads colours that are on their way from one theme to the other.
    operatorPage = await stage.open('/alerts', { reducedMotion: 'reduce' })
    await signIn(customerPage, stage.accounts.customer)
    await signIn(operatorPage, stage.accounts.operator)
  }, 240_000)
  afterAll(async () => {
    await stage?.[Symbol.asyncDispose]()
  }, 60_000)

  it('show an order from its placing to its arrival, to who placed it and to who waits for it', async () => {
    await placeOrder(customerPage)
    await customerPage.getByRole('button', { name: 'Link for the recipient' }).click()
    const link = await customerPage.getByRole('link', { name: 'Tracking page' }).getAttribute('href')
    const phone = await stage.open(new URL(link ?? '').pathname, { viewport: { width: 390, height: 780 } })

    await customerPage.locator('.headline').getByText('In flight').waitFor({ timeout: slowMs })
    await phone.getByRole('heading', { name: 'Your parcel is in the air' }).waitFor()
    expect(await violations(phone)).toEqual([])
    await phone.getByRole('heading', { name: 'Delivered' }).waitFor({ timeout: slowMs })
    await customerPage
      .locator('.headline')
      .getByText(/^(Delivered|Closed)$/)
      .waitFor({ timeout: slowMs })
    await phone.context().close()
  }, 150_000)

  it('show a drone that falls silent in flight being rebooted, and its order delivered', async () => {
    const orderId = (await placeOrder(customerPage)).split('/').at(-1)
    await customerPage.locator('.headline').getByText('In flight').waitFor({ timeout: slowMs })
    const headers = { authorization: await bearer() }
    const order = await fetch(`${stage.origin}/v1/orders/${orderId}`, { headers })
    const { flight } = OrderReply.parse(await order.json())
    if (flight === null) throw new Error('the order has no flight')
    await operatorPage.goto(`${stage.origin}/drones/${flight.droneId}`)
    const health = operatorPage.locator('.headline')
    await health.getByText('Healthy', { exact: true }).waitFor()

    // A reboot takes less than half a second at this speed: it hangs until the page has shown it.
    for (const fault of ['silent', 'hanging-reboot'] as const)
      await inflict(stage.stack.info, { droneId: flight.droneId, fault })
    await health.getByText('Rebooting', { exact: true }).waitFor({ timeout: slowMs })
    await inflict(stage.stack.info, { droneId: flight.droneId, fault: 'none' })
    await health.getByText('Healthy', { exact: true }).waitFor({ timeout: slowMs })
    await customerPage
      .locator('.headline')
      .getByText(/^(Delivered|Closed)$/)
      .waitFor({ timeout: slowMs })
  }, 240_000)

  it('say that the connection is lost when the gateway dies, and go on by themselves when it is back', async () => {
    const live = operatorPage.locator('.live')
    await live.getByText(/^Live/).waitFor()
    signalPart(stage.stack.info, 'gateway', 'SIGKILL')
    await live.getByText(/^Connection lost/).waitFor()
    await live.getByText(/^Live/).waitFor({ timeout: slowMs })
  }, 120_000)

  it('refuse with the field, the limit and the value', async () => {
    await customerPage.getByRole('navigation').getByRole('link', { name: 'Orders' }).click()
    await customerPage.getByLabel('Latitude').fill(dropOff.lat)
    await customerPage.getByLabel('Longitude').fill(dropOff.lon)
    await customerPage.getByLabel('Parcel, grams').fill('90000')
    await customerPage.getByRole('button', { name: 'Place order' }).click()

    const whyNot = customerPage.getByRole('alert')
    await whyNot.getByText('heavier than any drone carries').waitFor()
    expect(await whyNot.textContent()).toMatch(/2500[\s\S]*90000/)
  }, 60_000)

  it('let an operator reboot a drone, and tell what became of it', async () => {
    await goTo(operatorPage, 'Drones')
    await operatorPage.locator('.list a').filter({ hasText: 'sim-3' }).click()
    await operatorPage.getByRole('button', { name: 'Reboot' }).click()
    await operatorPage.getByRole('dialog').getByRole('button', { name: 'Reboot' }).click()
    await operatorPage.getByLabel('Commands given here').getByText('Succeeded').waitFor({ timeout: slowMs })
  }, 60_000)

  it('say that a grounded drone is in trouble and why, take the acknowledgement, and release it', async () => {
    await operatorPage.getByRole('button', { name: 'Ground', exact: true }).click()
    const dialog = operatorPage.getByRole('dialog')
    await dialog.getByLabel('Why').fill('Propeller looks bent')
    await dialog.getByRole('button', { name: 'Ground' }).click()
    await operatorPage.locator('.headline').getByText('Grounded', { exact: true }).waitFor()
    await goTo(operatorPage, 'Alerts')
    const alert = operatorPage.locator('.alert').filter({ hasText: 'Propeller looks bent' })
    await alert.getByRole('button', { name: 'Acknowledge' }).click()
    await dialog.getByRole('button', { name: 'Acknowledge' }).click()

    await alert.getByText(/Acknowledged by/).waitFor()
    expect(await violations(operatorPage)).toEqual([])
    await alert.getByRole('link').click()
    await operatorPage.getByRole('button', { name: 'Release' }).click()
    await dialog.getByLabel('Why').fill('Propeller changed')
    await dialog.getByRole('button', { name: 'Release' }).click()
    await operatorPage.locator('.headline').getByText('Healthy', { exact: true }).waitFor()
  }, 60_000)

  it.each(['/orders', '/drones', '/services', '/attacks'])(
    '%s has nothing against WCAG 2.2 AA, light and dark',
    async (path) => {
      await goTo(
        operatorPage,
        path.slice(1).replace(/^./, (letter) => letter.toUpperCase()),
      )
      await operatorPage.locator('h1').waitFor()
      const light = await violations(operatorPage)
      await operatorPage.getByRole('button', { name: 'Dark' }).click()
      const dark = await violations(operatorPage)
      await operatorPage.getByRole('button', { name: 'Light' }).click()

      expect([...light, ...dark]).toEqual([])
    },
    60_000,
  )

  it('are worked by the keyboard alone, and say where the focus is', async () => {
    await operatorPage.goto(`${stage.origin}/services`)
    await operatorPage.getByRole('navigation').waitFor()
    await operatorPage.keyboard.press('Tab')
    expect(await operatorPage.evaluate('document.activeElement.textContent')).toBe('Skip to the panel')
    await operatorPage.getByRole('navigation').getByRole('link', { name: 'Drones' }).focus()
    await operatorPage.keyboard.press('Enter')
    await operatorPage.locator('.list a').first().waitFor()
    await operatorPage.locator('.list a').first().focus()
    await operatorPage.keyboard.press('Enter')
    await operatorPage.waitForURL(/\/drones\/drn_/)
    await operatorPage.getByRole('button', { name: 'Hold' }).focus()
    expect(await operatorPage.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid')
    await operatorPage.keyboard.press('Enter')
    await operatorPage.getByRole('dialog').waitFor()
    await operatorPage.keyboard.press('Escape')

    expect(await operatorPage.getByRole('dialog').count()).toBe(0)
    expect(await operatorPage.evaluate('document.activeElement.textContent')).toBe('Hold')
  }, 60_000)

  it('stay signed in when read anew, with no token where scripts of other pages could find it', async () => {
    await operatorPage.reload()
    await operatorPage.getByText(/^Live/).waitFor()

    const stored = await operatorPage.evaluate('JSON.stringify([localStorage, sessionStorage, document.cookie])')
    expect(stored).not.toMatch(/token|eyJ|session/i)
    const policy = (await fetch(stage.origin)).headers.get('content-security-policy')
    expect(policy).toMatch(/default-src 'none'|default-src 'self'/)
    expect(policy).not.toMatch(/unsafe/)
  }, 60_000)

  it('asked nobody but the gateway, and broke no rule of its policy', () => {
    expect(stage.faults()).toEqual([])
  })
})
