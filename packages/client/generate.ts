/** The types of the client, made of the API's document. */
import openapiTypescript, { astToString } from 'openapi-typescript'
import { z } from 'zod'

const Document = z.looseObject({ openapi: z.string(), info: z.looseObject({ title: z.string(), version: z.string() }) })

/** The text of `rest-api.generated.ts`. */
export async function clientTypes(document: unknown): Promise<string> {
  const nodes = await openapiTypescript(JSON.stringify(Document.parse(document)), { alphabetize: true })
  return `// Made of docs/openapi.json by \`npm run generate\`.\n${astToString(nodes)}`
}
