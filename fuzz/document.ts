/** The API's document, read: its operations, and a judge that holds an answer against it. Nothing else of the API is known here. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { z } from 'zod'

const Json = z.record(z.string(), z.unknown())
export type Json = z.infer<typeof Json>

const Parameter = z.object({
  name: z.string(),
  in: z.enum(['path', 'query', 'header']),
  required: z.boolean().default(false),
  schema: Json,
})
export type Parameter = z.infer<typeof Parameter>
const Operation = z.object({
  operationId: z.string(),
  parameters: z.array(Parameter).default([]),
  requestBody: z.object({ content: z.object({ 'application/json': z.object({ schema: Json }) }) }).optional(),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  responses: z.record(z.string(), Json),
})
const Paths = z.record(z.string(), z.record(z.string(), Operation))

export type Operation = {
  /** `POST /v1/orders/{id}/receipt`. */
  at: string
  id: string
  method: string
  path: string
  parameters: Parameter[]
  /** Of the JSON body; undefined where there is none. References stand in it. */
  body: Json | undefined
  /** Names of security schemes; empty where anybody may. */
  security: string[]
  statuses: number[]
}

export type Answer = { status: number; contentType: string; text: string }

export type Api = {
  operations: Operation[]
  /** The schema that a `$ref` names; any other schema as it is. */
  resolved(schema: Json): Json
  /** What of the answer the document does not know, in words; nothing where all is as it says. */
  faults(operation: Operation, answer: Answer): string[]
  /** The same of one server-sent event; an event that the document does not name is let pass. */
  eventFaults(operation: Operation, event: { event: string; data: unknown }): string[]
}

const root = 'api'
const pointer = (...parts: string[]) =>
  `${root}#/${parts.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`

/**
 * Replies are open in the document, so that a field may be added; here a field that it does not name is one that nobody
 * documented. Parts of an `allOf` each know some of the fields only, and stay open.
 */
function closed(schema: unknown, inAllOf = false): unknown {
  if (Array.isArray(schema)) return schema.map((each) => closed(each, inAllOf))
  const object = Json.safeParse(schema)
  if (!object.success) return schema
  const inside = Object.entries(object.data).map(([key, value]) => [key, closed(value, key === 'allOf')] as const)
  const shut = object.data.type === 'object' && 'properties' in object.data && !('additionalProperties' in object.data)
  return { ...Object.fromEntries(inside), ...(shut && !inAllOf ? { additionalProperties: false } : {}) }
}

export function readApi(document: unknown): Api {
  const whole = Json.parse(document)
  const paths = Paths.parse(whole.paths)
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: true })
  formats.default(ajv)
  ajv.addSchema(Json.parse(closed(whole)), root)
  const validators = new Map<string, ValidateFunction>()
  const check = (at: string, value: unknown): string[] => {
    const validate = validators.get(at) ?? ajv.compile({ $ref: at })
    validators.set(at, validate)
    if (validate(value)) return []
    return (validate.errors ?? []).slice(0, 5).map(({ instancePath, message, params }) => {
      return `${instancePath || '/'} ${message ?? 'is wrong'} ${JSON.stringify(params)}`
    })
  }
  const named = (ref: string): [string[], unknown] => {
    const parts = ref.replace('#/', '').split('/')
    return [parts, parts.reduce<unknown>((at, part) => Json.parse(at)[part], whole)]
  }
  /** Where a response stands, and what it says. */
  const responseOf = ({ path, method }: Operation, status: number): [string[], Json] | null => {
    const found = paths[path]?.[method.toLowerCase()]?.responses[`${status}`]
    if (found === undefined) return null
    if (typeof found.$ref !== 'string') return [['paths', path, method.toLowerCase(), 'responses', `${status}`], found]
    const [parts, response] = named(found.$ref)
    return [parts, Json.parse(response)]
  }

  return {
    operations: Object.entries(paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, one]) => ({
        at: `${method.toUpperCase()} ${path}`,
        id: one.operationId,
        method: method.toUpperCase(),
        path,
        parameters: one.parameters,
        body: one.requestBody?.content['application/json'].schema,
        security: one.security.flatMap((each) => Object.keys(each)),
        statuses: Object.keys(one.responses).map(Number),
      })),
    ),
    resolved: (schema) => (typeof schema.$ref === 'string' ? Json.parse(named(schema.$ref)[1]) : schema),
    faults: (operation, { status, contentType, text }) => {
      const found = responseOf(operation, status)
      if (found === null) return [`status ${status} is not documented: ${text.slice(0, 200)}`]
      const [at, response] = found
      const content = Json.parse(response.content ?? {})
      const [mediaType = ''] = contentType.split(';')
      if (Object.keys(content).length === 0)
        return text === '' ? [] : [`status ${status} has a body: ${text.slice(0, 200)}`]
      if (!(mediaType in content)) return [`status ${status} comes as '${mediaType}', not as ${Object.keys(content)}`]
      if (mediaType === 'text/event-stream') return []
      const body = parsed(text)
      return body === undefined
        ? ['the body is not JSON']
        : check(pointer(...at, 'content', mediaType, 'schema'), body.value)
    },
    eventFaults: (operation, { event, data }) => {
      const [, response] = responseOf(operation, 200) ?? []
      const content = z.object({ 'text/event-stream': z.object({ 'x-events': z.record(z.string(), Json) }) })
      const schema = content.safeParse(response?.content).data?.['text/event-stream']['x-events'][event]
      if (typeof schema?.$ref !== 'string') return []
      return check(pointer(...named(schema.$ref)[0]), data).map((fault) => `event ${event}: ${fault}`)
    },
  }
}

export function parsed(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}
