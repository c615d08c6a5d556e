/** A real browser, where this machine has one: PLAYWRIGHT_CHROMIUM names it, else PATH is searched. Nothing is downloaded. */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { readConfig } from '@fleet/runtime/config'
import { type Browser, chromium } from 'playwright-core'
import { z } from 'zod'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const Config = z.object({ PLAYWRIGHT_CHROMIUM: z.string().optional(), PATH: z.string().default('') })

/** Its executable, or undefined where there is none. */
export function findChromium(): string | undefined {
  const { PLAYWRIGHT_CHROMIUM, PATH } = readConfig(Config)
  if (PLAYWRIGHT_CHROMIUM !== undefined) return PLAYWRIGHT_CHROMIUM
  return PATH.split(delimiter)
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find(isExecutable)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false // Not there, or not for us: the next one may be.
  }
}

/**
 * Starts it as it runs where there is no graphics card: WebGL by its own software renderer, and the page put together by
 * the processor. Left alone, it would do the latter through that renderer as well, at ten times the cost.
 */
export const launchChromium = (executablePath: string): Promise<Browser> =>
  chromium.launch({
    executablePath,
    // Its sandbox needs rights that containers and root do not have; it sees our own pages alone.
    args: [
      '--no-sandbox',
      '--use-angle=swiftshader',
      '--enable-unsafe-swiftshader',
      '--disable-gpu-compositing',
      '--disable-dev-shm-usage',
    ],
  })
