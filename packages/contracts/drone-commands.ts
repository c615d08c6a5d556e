/** Topic `drone.commands`, key = drone: orders to the drone's computer or pilot, each with an expiry and one outcome. */
import { z } from 'zod'
import { message } from './envelope.ts'
import { CommandId, DroneId } from './ids.ts'
import { BootCount } from './units.ts'

export const CommandKind = z.enum(['reboot', 'hold', 'resume', 'return', 'land'])
export type CommandKind = z.infer<typeof CommandKind>

/** `ttlMs`: how old the command may be when the drone takes it, in world milliseconds; expiry trusts no wall clock. */
const command = { droneId: DroneId, commandId: CommandId, ttlMs: z.int().min(1_000).max(86_400_000) }

export const DroneCommandMessage = z.discriminatedUnion('type', [
  /** Names the boot that it ends, so that a late copy cannot end the next one. */
  message('reboot', z.object({ ...command, endsBoot: BootCount })),
  message('hold', z.object(command)),
  message('resume', z.object(command)),
  message('return', z.object(command)),
  message('land', z.object(command)),
])
export type DroneCommandMessage = z.infer<typeof DroneCommandMessage>
