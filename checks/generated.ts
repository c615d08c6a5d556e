/** Files that are made of the code: one command writes them, and a check makes them anew and compares. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { clientTypes } from '@fleet/client/generate'
import { apiDocument, withDocument } from '@fleet/gateway/openapi/document'
import { publicRoutes } from '@fleet/gateway/routes'
import { idleOptions } from '@fleet/gateway/testing/idle-options'
import { asyncApiDocument } from '@fleet/messaging/asyncapi'
import { collection, environments } from '@fleet/postman/collection'

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`

async function files(): Promise<Record<string, string>> {
  const openapi = apiDocument(withDocument(publicRoutes(idleOptions)))
  return {
    'docs/openapi.json': json(openapi),
    'docs/asyncapi.json': json(asyncApiDocument()),
    'postman/fleet.postman_collection.json': json(collection),
    'postman/embedded.postman_environment.json': json(environments.embedded),
    'postman/docker.postman_environment.json': json(environments.docker),
    'packages/client/rest-api.generated.ts': await clientTypes(openapi),
  }
}

/** Writes them all; gives their names. */
export async function generate(): Promise<string[]> {
  const made = await files()
  for (const [file, text] of Object.entries(made)) writeFileSync(file, text)
  return Object.keys(made)
}

/** Each that is not as it would be made now. */
export async function generatedFaults(): Promise<string[]> {
  return Object.entries(await files())
    .filter(([file, text]) => !existsSync(file) || readFileSync(file, 'utf8') !== text)
    .map(([file]) => `${file}: is not what the code makes now: npm run generate`)
}
