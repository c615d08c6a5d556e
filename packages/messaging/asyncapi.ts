/** The AsyncAPI 3 document of all topics, made of the schemas that every producer and consumer of ours parses by. */
import { deadLetterTopics, topics } from '@fleet/contracts/topics'
import { z } from 'zod'
import { keyVersionHeader, macHeader } from './drone-mac.ts'
import { waitedHeader } from './row-ages.ts'

const Part = z.enum(['order', 'itinerary', 'position', 'drone-health', 'gateway', 'drone', 'detector'])
const Told = z.object({ key: z.string(), says: z.string(), from: z.array(Part), to: z.array(Part) })
type Told = z.infer<typeof Told>

/** Who writes and who reads each topic, and by what it is keyed. */
const told: Record<keyof typeof topics, Told> = {
  orders: {
    key: 'orderId',
    says: 'What customers and recipients ask and say.',
    from: ['order'],
    to: ['itinerary', 'gateway'],
  },
  deliveries: {
    key: 'orderId',
    says: "What was decided and learned of an order's flights.",
    from: ['itinerary'],
    to: ['order', 'gateway'],
  },
  itineraries: {
    key: 'droneId',
    says: 'What a drone is to fly, and whether it may let go of the parcel.',
    from: ['itinerary'],
    to: ['drone', 'drone-health'],
  },
  droneReports: {
    key: 'droneId',
    says: 'What a drone did.',
    from: ['drone'],
    to: ['itinerary', 'position', 'drone-health'],
  },
  dronePositions: {
    key: 'droneId',
    says: 'Where a drone is: one sample a message.',
    from: ['drone'],
    to: ['position', 'drone-health', 'gateway'],
  },
  droneCommands: {
    key: 'droneId',
    says: "Orders to the drone's computer or pilot.",
    from: ['drone-health'],
    to: ['drone'],
  },
  droneHealth: {
    key: 'droneId',
    says: "Every change of a drone's health, with its evidence.",
    from: ['drone-health'],
    to: ['itinerary', 'gateway'],
  },
  droneRegistry: {
    key: 'droneId',
    says: "Each drone's whole registry entry.",
    from: ['drone-health'],
    to: ['itinerary', 'position', 'gateway'],
  },
  airspace: {
    key: 'baseId or zoneId',
    says: 'Where drones start, how far and how much they carry, where they may not fly.',
    from: ['itinerary'],
    to: ['order', 'drone-health'],
  },
  securityAlerts: {
    key: 'source address',
    says: 'What the intrusion detection saw.',
    from: ['detector'],
    to: ['gateway'],
  },
}

const macHeaders = {
  type: 'object',
  properties: {
    [macHeader]: {
      type: 'string',
      pattern: '^[0-9a-f]{64}$',
      description:
        "HMAC-SHA256 with the drone's own key over topic 0x00 key 0x00 the value's bytes as sent, in lower-case hex.",
    },
    [keyVersionHeader]: {
      type: 'string',
      pattern: '^[0-9]+$',
      description: "Which key of the drone's it is, in decimal.",
    },
  },
  required: [macHeader, keyVersionHeader],
}
const waitedHeaders = {
  type: 'object',
  properties: {
    [waitedHeader]: {
      type: 'string',
      pattern: '^([0-9]+|unknown)$',
      description:
        'How long the message had waited at most before it was sent here, in world milliseconds: it counts for its age.',
    },
  },
}
const text = { type: 'string' }
/** As the outbox writes them. */
const deadHeaders = {
  type: 'object',
  description: 'Those that the refused message had, and why it was refused.',
  properties: {
    'dead-reason': text,
    'dead-detail': text,
    'dead-group': text,
    'dead-partition': text,
    'dead-offset': text,
    'dead-appended-at': text,
  },
}

/** As JSON Schema draft 7, which is what AsyncAPI's own schema format extends. */
function payloadOf(schema: z.ZodType) {
  const { $schema: _, ...payload } = z.toJSONSchema(schema, { io: 'input', target: 'draft-7' })
  return payload
}
/** The messages of a topic by their type; a topic without the envelope has one, named after it. */
function messagesOf(name: string, schema: z.ZodType): { name: string; schema: z.ZodType }[] {
  if (!(schema instanceof z.ZodDiscriminatedUnion)) return [{ name, schema }]
  return schema.options.map((option) => {
    const { type } = z
      .object({ type: z.instanceof(z.ZodLiteral) })
      .parse(z.object({ shape: z.looseObject({}) }).parse(option).shape)
    return { name: String(type.value), schema: z.instanceof(z.ZodType).parse(option) }
  })
}

type TopicFacts = {
  name: string
  partitions: number
  bytesMax: number
  keeping: (typeof topics)['orders']['keeping'] | { kind: 'compacted' }
}
const channelBinding = ({ name, partitions, bytesMax, keeping }: TopicFacts) => ({
  kafka: {
    topic: name,
    partitions,
    replicas: 3,
    topicConfiguration: {
      'cleanup.policy': [keeping.kind === 'compacted' ? 'compact' : 'delete'],
      ...(keeping.kind === 'retained' ? { 'retention.ms': keeping.retentionMs } : {}),
      'max.message.bytes': bytesMax,
    },
    bindingVersion: '0.5.0',
  },
})

const isDrones = ({ from }: Told) => from.includes('drone')
function headersFor(name: string, of: Told) {
  if (isDrones(of)) return { headers: macHeaders }
  return name === topics.droneCommands.name ? { headers: waitedHeaders } : {}
}
const reachesDrones = (of: Told) => isDrones(of) || of.to.includes('drone')
const ref = (...parts: string[]) => ({ $ref: `#/${parts.map((part) => part.replaceAll('/', '~1')).join('/')}` })

/** The whole document. */
export function asyncApiDocument() {
  const channels: Record<string, unknown> = {}
  const operations: Record<string, unknown> = {}
  const messages: Record<string, unknown> = {}
  for (const [topic, facts] of Object.entries(topics)) {
    const of = Told.parse(Reflect.get(told, topic))
    const here = messagesOf(facts.name, facts.schema)
    for (const { name, schema } of here) {
      messages[`${topic}.${name}`] = {
        name,
        contentType: 'application/json',
        payload: payloadOf(schema),
        ...headersFor(facts.name, of),
        bindings: { kafka: { key: { type: 'string', description: of.key }, bindingVersion: '0.5.0' } },
      }
    }
    const names = here.map(({ name }) => `${topic}.${name}`)
    channels[topic] = {
      address: facts.name,
      description: `${of.says} Key: ${of.key}. Written by ${of.from.join(', ')}; read by ${of.to.join(', ')}.`,
      servers: [ref('servers', 'inside'), ...(reachesDrones(of) ? [ref('servers', 'drones')] : [])],
      messages: Object.fromEntries(names.map((name) => [name, ref('components', 'messages', name)])),
      bindings: channelBinding(facts),
    }
    const all = names.map((name) => ref('channels', topic, 'messages', name))
    for (const [action, parts] of [
      ['send', of.from],
      ['receive', of.to],
    ] as const) {
      for (const part of parts) {
        operations[`${part}.${action}.${topic}`] = {
          action,
          title: `${part} ${action === 'send' ? 'writes' : 'reads'} ${facts.name}`,
          channel: ref('channels', topic),
          messages: all,
        }
      }
    }
  }
  for (const [topic, facts] of Object.entries(deadLetterTopics)) {
    const name = `${topic}.dead`
    messages[name] = {
      name: 'dead letter',
      contentType: 'application/octet-stream',
      description: 'The refused bytes as they came.',
      payload: {},
      headers: deadHeaders,
    }
    channels[name] = {
      address: facts.name,
      description: 'What a drone sent and was refused, with the reason in its headers.',
      servers: [ref('servers', 'inside')],
      messages: { [name]: ref('components', 'messages', name) },
      bindings: channelBinding(facts),
    }
  }
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Drone delivery fleet: its messages',
      version: '1.0.0',
      description:
        "Every topic of the brokers, its key and its messages. The partition is murmur2(key) modulo the count. Messages are written strictly and read leniently: unknown fields and types are skipped. Record times are the brokers'.",
    },
    defaultContentType: 'application/json',
    servers: {
      inside: { host: 'kafka-1:19092', protocol: 'kafka', description: 'For services alone.' },
      drones: {
        host: 'kafka-1:9093',
        protocol: 'kafka-secure',
        description:
          'For drone hosts: TLS 1.2 or newer, each with a certificate; by ACL they write two topics and read two.',
        security: [ref('components', 'securitySchemes', 'certificate')],
      },
    },
    channels,
    operations,
    components: {
      messages,
      securitySchemes: { certificate: { type: 'X509', description: 'The certificate of a drone host.' } },
    },
  }
}
