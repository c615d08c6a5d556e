/** The product's refusals: each code with its HTTP status and title. The domain names codes; only the edge knows HTTP. */
export const problems = {
  'request.malformed': { status: 400, title: 'The request cannot be read' },
  'request.invalid': { status: 400, title: 'The request breaks a rule of its schema' },
  'request.too-large': { status: 413, title: 'The body is larger than the limit' },
  'request.media-type': { status: 415, title: 'The body is not of a media type that this route takes' },
  'auth.missing': { status: 401, title: 'The request carries no credential' },
  'auth.invalid': { status: 401, title: 'The credential is not valid' },
  'auth.forbidden': { status: 403, title: 'The credential does not allow this' },
  'route.unknown': { status: 404, title: 'There is nothing at this address' },
  'order.unknown': { status: 404, title: 'There is no such order' },
  'drone.unknown': { status: 404, title: 'There is no such drone' },
  'drone.name-taken': { status: 409, title: 'A drone of that name is enrolled already' },
  'drone.revoked': { status: 409, title: 'The drone is revoked' },
  'drone.not-grounded': { status: 409, title: 'The drone is not grounded' },
  'drone.self-check-failed': { status: 409, title: 'The drone does not pass its self-check' },
  'link.not-lost': { status: 409, title: 'No link is lost' },
  'drone.never-booted': { status: 409, title: 'The drone has not reported a boot yet' },
  'command.unknown': { status: 404, title: 'There is no such command' },
  'command.sent-already': { status: 409, title: 'The command is out: only the drone can end it now' },
  'track.window-empty': { status: 422, title: 'The window of time ends before it begins' },
  'track.window-too-wide': { status: 422, title: 'The window of time is wider than the limit' },
  'base.unknown': { status: 404, title: 'There is no such base' },
  'idempotency.key-missing': { status: 400, title: 'The Idempotency-Key header is missing' },
  'idempotency.key-reused': { status: 422, title: 'This Idempotency-Key was used with another body' },
  'order.too-far': { status: 422, title: 'The drop point is out of reach of every base' },
  'order.too-heavy': { status: 422, title: 'The parcel is heavier than any drone carries' },
  'order.in-zone': { status: 422, title: 'The drop point lies in a no-fly zone' },
  'order.no-base': { status: 503, title: 'No base is known yet' },
  'order.not-open': { status: 409, title: 'The order has ended' },
  'order.illegal-move': { status: 409, title: 'The order cannot do this in its state' },
  'delivery.not-undecided': { status: 409, title: 'Only an undecided delivery can be closed by an operator' },
  'delivery.permit-running': { status: 409, title: 'The hand-over permit may still be running' },
  'zone.unknown': { status: 404, title: 'There is no such zone' },
  'page.cursor-invalid': { status: 400, title: 'The cursor is not one that a page gave' },
  'session.refused': { status: 401, title: 'User and password do not match' },
  'session.ended': { status: 401, title: 'The session has ended: sign in again' },
  'ticket.invalid': { status: 401, title: 'The ticket was used, has run out, or never was' },
  'sign-in.throttled': { status: 429, title: 'Too many sign-ins failed: wait' },
  'rate.exceeded': { status: 429, title: 'More requests than the limit allows' },
  'address.denied': { status: 403, title: 'This address is on the deny list' },
  'address.not-denied': { status: 404, title: 'This address is not on the deny list' },
  'address.not-allowed': { status: 404, title: 'This address is not on the allow list' },
  'addresses.too-many': { status: 409, title: 'The list has as many addresses as are allowed' },
  'gateway.overloaded': { status: 503, title: 'More requests are under way than can be served fast: try again' },
  'method.not-allowed': { status: 405, title: 'This address does not take the method' },
  'api-key.unknown': { status: 404, title: 'There is no such API key' },
  'api-key.revoked': { status: 409, title: 'The API key that this request made was revoked since' },
  'api-keys.too-many': { status: 409, title: 'The owner has as many API keys as are allowed' },
  'tracking.unknown': { status: 404, title: 'There is no such tracking link' },
  'service.unavailable': { status: 503, title: 'A part that this request needs is not available' },
  'service.timeout': { status: 504, title: 'A part that this request needs did not answer in time' },
  internal: { status: 500, title: 'Something broke on our side' },
} as const
export type ProblemCode = keyof typeof problems

/** An expected refusal: the code, and where it helps the field, the limit and the value that broke it. */
export type Refusal = {
  code: ProblemCode
  field?: string
  limit?: number | string
  value?: unknown
  detail?: string
  /** Further facts for the reader, such as the nearest base. */
  facts?: Record<string, unknown>
}

/** What a decision gives: events (none where the command is a repetition), or the refusal. */
export type Decision<Event> = { ok: true; events: readonly Event[] } | { ok: false; refusal: Refusal }
export const accept = <Event>(...events: Event[]): Decision<Event> => ({ ok: true, events })
export const refuse = (code: ProblemCode, rest: Omit<Refusal, 'code'> = {}): { ok: false; refusal: Refusal } => ({
  ok: false,
  refusal: { code, ...rest },
})
