/** Refusals as the gateway explains them (RFC 9457), and what stands in for one where no answer came. */
import { ProblemReply } from '@fleet/contracts/rest'

/** A request that was refused, or not answered. */
export class Problem extends Error {
  readonly document: ProblemReply
  constructor(document: ProblemReply) {
    super(document.title)
    this.document = document
  }
}

const ours = (code: string, title: string, status = 0): ProblemReply => ({ type: 'about:blank', title, status, code })

/** The document in `response`, or one that says what came instead. */
export async function problemOf(response: Response): Promise<ProblemReply> {
  const parsed = ProblemReply.safeParse(await response.json().catch(() => null))
  return parsed.success
    ? parsed.data
    : ours('answer.unreadable', `The server answered ${response.status}`, response.status)
}

/** What `error` says to a reader. */
export function documentOf(error: unknown): ProblemReply {
  if (error instanceof Problem) return error.document
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return ours('answer.late', 'The server did not answer in time')
  }
  if (error instanceof TypeError) return ours('server.unreachable', 'The server cannot be reached')
  return ours('answer.unreadable', 'The server’s answer cannot be read')
}

/** The field, the limit and the value of the broken rule, where the document names them. */
export function factsOf({ field, limit, value, detail }: ProblemReply): { name: string; text: string }[] {
  return [
    { name: 'Field', text: field === undefined || field === '' ? '' : field.replace(/^\//, '').replaceAll('/', ' › ') },
    { name: 'Limit', text: limit === undefined ? '' : String(limit) },
    { name: 'Given', text: value === undefined || value === null ? '' : textOf(value) },
    { name: 'Detail', text: detail ?? '' },
  ].filter(({ text }) => text !== '')
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))
