/** The walk as a Postman collection (format 2.1), each request with its assertions. */
import type { Chapter, Step } from './step.ts'
import { walk } from './walk.ts'

const answerMsMax = 10_000
const schema = 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json'

/** Before the first request: a fresh key and name, so that the walk can be walked again. */
const before = [
  `pm.collectionVariables.set('orderKey', pm.variables.replaceIn('{{$guid}}'))`,
  `pm.collectionVariables.set('droneName', 'postman-' + pm.variables.replaceIn('{{$guid}}').slice(0, 8))`,
]
/** About 600 m north and 400 m east of the base: in reach of any drone. */
const dropPoint = [
  `pm.collectionVariables.set('dropLat', Number(pm.collectionVariables.get('baseLat')) + 0.0054)`,
  `pm.collectionVariables.set('dropLon', Number(pm.collectionVariables.get('baseLon')) + 0.0051)`,
]

const text = (value: unknown) => JSON.stringify(value)
const at = (path: string) => `at(${text(path)})`
/** Numbers are kept as text in variables: their quotes go. */
const bodyText = (body: unknown) => JSON.stringify(body, null, 2).replace(/"(\{\{(?:dropLat|dropLon)\}\})"/g, '$1')

function assertionsOf({ id, expect, has = {}, keep = {}, headers = {}, triesMax }: Step): string[] {
  const reads = Object.keys(has).length > 0 || Object.keys(keep).length > 0
  const checks = Object.entries(has).map(([path, value]) => {
    if (value === '*') return `  pm.expect(${at(path)}, ${text(path)}).to.not.be.undefined`
    if (typeof value === 'string' && value.includes('{{'))
      return `  pm.expect(${at(path)}).to.eql(pm.variables.replaceIn(${text(value)}))`
    return `  pm.expect(${at(path)}).to.eql(${text(value)})`
  })
  const mediaType =
    expect >= 400 ? 'application/problem+json' : id.startsWith('follow') ? 'text/event-stream' : 'application/json'
  const look = reads
    ? [
        `let reply = {}`,
        `try { reply = pm.response.json() } catch { /* told by the assertions */ }`,
        `const at = (path) => path.split('.').reduce((here, part) => (here === undefined || here === null ? undefined : here[part]), reply)`,
      ]
    : []
  const asserted = [
    `pm.test('${id} answers ${expect}', () => pm.response.to.have.status(${expect}))`,
    `pm.test('within ${answerMsMax / 1_000} s', () => pm.expect(pm.response.responseTime).to.be.below(${answerMsMax}))`,
    `pm.test('names the request', () => pm.response.to.have.header('x-correlation-id'))`,
    ...(expect === 204
      ? []
      : [
          `pm.test('comes as ${mediaType}', () => pm.expect(pm.response.headers.get('content-type')).to.include('${mediaType}'))`,
        ]),
    ...(expect === 201 &&
    'Idempotency-Key' in headers &&
    !['denyAddress', 'exemptAddress', 'makeStreamTicket'].includes(id)
      ? [`pm.test('says where it is', () => pm.response.to.have.header('location'))`]
      : []),
    ...(checks.length === 0 ? [] : [`pm.test('says what it should', () => {`, ...checks, `})`]),
    ...Object.entries(keep).map(([name, path]) => `pm.collectionVariables.set('${name}', ${at(path)})`),
    ...(id === 'listBases' ? dropPoint : []),
  ]
  if (triesMax === undefined) return [...look, ...asserted]
  const holds = Object.entries(has).map(([path, value]) =>
    value === '*' ? `${at(path)} !== undefined` : `${at(path)} === ${text(value)}`,
  )
  return [
    ...look,
    `const tries = Number(pm.collectionVariables.get('tries') || 0) + 1`,
    `const holds = pm.response.code === ${expect} && ${holds.join(' && ')}`,
    `if (!holds && tries < ${triesMax}) {`,
    `  pm.collectionVariables.set('tries', tries)`,
    `  pm.execution.setNextRequest(pm.info.requestId)`,
    `  setTimeout(() => {}, 1000)`,
    `} else {`,
    `  pm.collectionVariables.set('tries', 0)`,
    ...asserted.map((line) => `  ${line}`),
    `}`,
  ]
}

function itemOf(step: Step) {
  const [method = '', path = ''] = step.at.split(' ')
  const { body, as, headers = {} } = step
  const header = Object.entries({ ...headers, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) })
  return {
    name: `${step.id}: ${step.expect}`,
    event: [{ listen: 'test', script: { type: 'text/javascript', exec: assertionsOf(step) } }],
    request: {
      method,
      auth:
        as === undefined
          ? { type: 'noauth' }
          : { type: 'bearer', bearer: [{ key: 'token', value: `{{${as}Token}}`, type: 'string' }] },
      header: header.map(([name, value]) => ({ key: name, value })),
      ...(body === undefined
        ? {}
        : { body: { mode: 'raw', raw: bodyText(body), options: { raw: { language: 'json' } } } }),
      url: `{{gateway}}${path}`,
    },
  }
}

const folderOf = ({ name, steps }: Chapter) => ({ name, item: steps.map(itemOf) })

export const collection = {
  info: {
    name: 'Drone delivery fleet',
    description:
      'Walks the whole public API, with assertions on every request. Made of postman/walk.ts by `npm run generate`.',
    schema,
  },
  event: [
    {
      listen: 'prerequest',
      script: {
        type: 'text/javascript',
        exec: [`if (!pm.collectionVariables.get('orderKey')) {`, ...before.map((line) => `  ${line}`), `}`],
      },
    },
  ],
  item: walk.map(folderOf),
}

const environment = (name: string) => ({
  name: `Drone delivery fleet: ${name}`,
  values: [
    { key: 'gateway', value: 'http://127.0.0.1:8080', enabled: true },
    // In .local/accounts.json, or among what the stack tells at its start.
    { key: 'customerUser', value: 'customer', enabled: true },
    { key: 'customerPassword', value: '', type: 'secret', enabled: true },
    { key: 'operatorUser', value: 'operator', enabled: true },
    { key: 'operatorPassword', value: '', type: 'secret', enabled: true },
  ],
})
export const environments = { embedded: environment('embedded'), docker: environment('docker') }
