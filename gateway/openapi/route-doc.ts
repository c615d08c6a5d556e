/** What the document says of a route beside what the route itself says: who may call it and the schemas of what comes in. */
import type { ProblemCode } from '@fleet/contracts/problems'
import type { Route } from '@fleet/runtime/http'
import type { z } from 'zod'

export type Tag =
  | 'orders'
  | 'tracking'
  | 'fleet'
  | 'drones'
  | 'health'
  | 'dispatch'
  | 'accounts'
  | 'security'
  | 'document'

export type ReplyDoc = {
  says: string
  /** Left out where there is no body. */
  schema?: z.ZodType
  /** Of server-sent events: the component that tells each event's data, by the event's name. */
  events?: Readonly<Record<string, string>>
  headers?: readonly ReplyHeader[]
}
export type ReplyHeader = 'Location' | 'Age' | 'ETag'

export type RouteDoc = {
  /** The operationId: what the call is named in a client. */
  id: string
  tag: Tag
  summary: string
  description?: string
  replies: Partial<Record<200 | 201 | 202 | 204, ReplyDoc>>
  /** What its handler refuses. What its inputs, its caller and the front door refuse is added to it. */
  refuses?: readonly ProblemCode[]
  idempotencyKey?: 'required' | 'optional'
  /** Whom it needs to answer: the services, the gateway's own database, or nobody. */
  needs: 'services' | 'accounts' | 'nothing'
}

/** By method and path, as the route has them. */
export type RouteDocs = Readonly<Record<`${Route['method']} /${string}`, RouteDoc>>
