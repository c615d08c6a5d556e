/** The one message that this package's tests send. */
import { message } from '@fleet/contracts/envelope'
import { UnixMs } from '@fleet/contracts/units'
import { z } from 'zod'
import type { Draft } from '../outbox.ts'
import type { EventTopic } from '../topic.ts'

const Note = z.discriminatedUnion('type', [
  message('note.written', z.object({ text: z.string() })),
  message('note.erased', z.object({})),
])
export type Note = z.infer<typeof Note>

export const noteTopic = (name: string, partitions: number): EventTopic<Note> => ({ name, schema: Note, partitions })

export const written = (key: string, text = 'x'): Draft<Note> => ({
  type: 'note.written',
  data: { text },
  key,
  at: UnixMs.parse(1_000),
  correlationId: 'test',
  causationId: 'test',
})
