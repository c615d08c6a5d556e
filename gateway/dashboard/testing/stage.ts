/** What the browser tests and the screenshots play on: a stack of their own, a browser, and people who sign in. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SignInBody } from '@fleet/contracts/accounts'
import { LocalConfig } from '@fleet/local/launch'
import type { Say } from '@fleet/local/provision'
import { type Stack, startStack } from '@fleet/local/stack'
import { readConfig } from '@fleet/runtime/config'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { launchChromium } from './chromium.ts'

const waitMsMax = 30_000

export type Stage = AsyncDisposable & {
  stack: Stack
  /** The gateway's address. */
  origin: string
  accounts: { customer: SignInBody; operator: SignInBody }
  /** A page of a person of its own, with nothing of the others' cookies. What it says and cannot load is collected. */
  open(path: string, options?: BrowserContextOptions): Promise<Page>
  /** Errors and third-party requests of every page so far. */
  faults(): string[]
}

/** A stack of one broker and one member, `worldSpeed` times as fast as real time, and the browser at `executable`. */
export async function startStage(
  executable: string,
  { drones, worldSpeed, say }: { drones: number; worldSpeed: number; say: Say },
  nowMs: () => number,
): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'fleet-browser-'))
  const stack = await startStack({
    folder,
    provisioning: readConfig(LocalConfig),
    brokers: 1,
    mongo: 1,
    drones,
    worldSpeed,
    worldEpochMs: nowMs(),
    seed: 1,
    logLevel: 'info',
    ports: 'any',
    keep: false,
    disposable: true,
    nowMs,
    say,
  })
  const { gateway, accounts } = stack.info
  if (gateway === undefined || accounts === undefined) throw new Error('The stack has no gateway.')
  const browser: Browser = await launchChromium(executable)
  const faults: string[] = []

  return {
    stack,
    origin: gateway,
    accounts,
    faults: () => faults,
    open: async (path, options = {}) => {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
      context.setDefaultTimeout(waitMsMax)
      const page = await context.newPage()
      page.on('pageerror', (error) => faults.push(`${path}: ${error.stack ?? error.message}`))
      page.on('console', (said) => {
        // The browser itself writes each refused request there, also those that a test is about.
        if (said.type() === 'error' && !said.text().startsWith('Failed to load resource')) faults.push(said.text())
      })
      page.on('request', (request) => {
        const url = new URL(request.url())
        if (url.protocol.startsWith('http') && url.origin !== gateway) faults.push(`asks ${url.origin}`)
      })
      await page.goto(`${gateway}${path}`)
      return page
    },
    [Symbol.asyncDispose]: async () => {
      await browser.close()
      await stack.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Signs in on a page that asks who is there. */
export async function signIn(page: Page, { user, password }: SignInBody): Promise<void> {
  await page.getByLabel('User').fill(user)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('navigation').waitFor()
}
