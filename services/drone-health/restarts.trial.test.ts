/**
 * The service is restarted at each step of a recovery, all of it, with whatever it remembers: the same states, the same one
 * command, the same end. A drone's command from the policy is sent in the transaction that orders it, so it is never seen queued.
 */
import { topics } from '@fleet/contracts/topics'
import { describe, expect, it } from '@jest/globals'
import { booted, flyUntil, openRealFleet, until } from './testing/real-fleet.ts'

const steps = [
  'nowhere',
  'suspect',
  'unresponsive',
  'rebooting',
  'acknowledged',
  'booted',
  'recovering',
  'healthy',
] as const
type Step = (typeof steps)[number]

/** A drone falls silent, is rebooted and comes back; the service is restarted when it has come to `at`. */
async function recover(at: Step) {
  await using fleet = await openRealFleet()
  const { droneId } = fleet
  const pass = async (step: Step) => {
    if (step === at) await fleet.restart()
  }
  await fleet.report(booted(droneId, 1))
  await until('the boot', async () => (await fleet.seenBoot()) === 1)
  let sent = 0
  await flyUntil(fleet, 1, 'eight positions', async () => ++sent >= 8)
  for (const state of ['suspect', 'unresponsive', 'rebooting'] as const) {
    await until(state, async () => (await fleet.path()).includes(state))
    await pass(state)
  }
  const [command] = await fleet.sent(topics.droneCommands.name)
  const commandId = command?.data.commandId
  if (commandId === undefined) throw new Error('no command was sent')
  const of = { droneId, boot: 1, commandId, commandSeq: 1 }
  await fleet.report({ type: 'command.acknowledged', data: of })
  await until('the acknowledgement', async () => (await fleet.statusOf(commandId)) === 'acknowledged')
  await pass('acknowledged')
  await fleet.report(booted(droneId, 2))
  await fleet.report({ type: 'command.finished', data: { ...of, boot: 2, outcome: 'succeeded' } })
  await until('the outcome', async () => (await fleet.statusOf(commandId)) === 'succeeded')
  await pass('booted')
  await flyUntil(fleet, 2, 'recovering', async () => (await fleet.path()).includes('recovering'))
  await pass('recovering')
  await flyUntil(fleet, 2, 'healthy', async () => (await fleet.path()).at(-1) === 'healthy')
  await pass('healthy')
  let more = 0
  await flyUntil(fleet, 2, 'six more positions', async () => ++more >= 6)
  const commands = await fleet.sent(topics.droneCommands.name)
  return {
    path: await fleet.path(),
    commands: commands.map(({ type }) => type),
    status: await fleet.statusOf(commandId),
  }
}

describe('a recovery during which the service is restarted', () => {
  it('comes to the same end by the same one command, whenever that is', async () => {
    const outcomes = []
    // Two at a time: each is a whole service, and waits more than it works.
    for (let index = 0; index < steps.length; index += 2)
      outcomes.push(
        ...(await Promise.all(steps.slice(index, index + 2).map(async (at) => ({ at, ...(await recover(at)) })))),
      )

    const path = ['suspect', 'unresponsive', 'rebooting', 'recovering', 'healthy']
    expect(outcomes).toEqual(steps.map((at) => ({ at, path, commands: ['reboot'], status: 'succeeded' })))
  }, 280_000)
})
