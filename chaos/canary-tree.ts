/** A copy of the source with a canary's patches in it, beside which everything stays as it is. */
import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Patch } from './canaries.ts'

/** `text` with the patch in it. Throws where the text to replace does not stand there exactly once: the canary is out of date. */
export function patched(text: string, { file, from, to }: Patch): string {
  const times = text.split(from).length - 1
  if (times !== 1) throw new RangeError(`${file}: what the canary replaces stands there ${times} times, 1 is due`)
  return text.replace(from, () => to)
}

/**
 * Copies the tracked and new files of `repository`, applies the patches, and links to its packages. Our own packages lead to the
 * copy: Node follows links to where files really are, and would run the sound source otherwise.
 */
export function makeCanaryTree(repository: string, patches: readonly Patch[]): Disposable & { root: string } {
  const root = mkdtempSync(join(tmpdir(), 'fleet-canary-'))
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: repository,
    encoding: 'utf8',
  })
  for (const file of files.split('\n').filter((name) => name !== '')) {
    if (!existsSync(join(repository, file))) continue // Removed, and not yet committed.
    mkdirSync(dirname(join(root, file)), { recursive: true })
    cpSync(join(repository, file), join(root, file))
  }
  for (const patch of patches) {
    const file = join(root, patch.file)
    writeFileSync(file, patched(readFileSync(file, 'utf8'), patch))
  }
  const packages = join(repository, 'node_modules')
  mkdirSync(join(root, 'node_modules', '@fleet'), { recursive: true })
  for (const name of readdirSync(packages)) {
    if (name !== '@fleet') symlinkSync(join(packages, name), join(root, 'node_modules', name))
  }
  for (const name of readdirSync(join(packages, '@fleet'))) {
    // As the workspace links are: relative to their own folder, and so into the copy.
    symlinkSync(readlinkSync(join(packages, '@fleet', name)), join(root, 'node_modules', '@fleet', name))
  }
  return { root, [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) }
}
