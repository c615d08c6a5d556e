/** The watch on the real brokers and the real replica set: one drone fails, the service is restarted on the way. */
import { topics } from '@fleet/contracts/topics'
import { describe, expect, it } from '@jest/globals'
import { booted, flyUntil, openRealFleet, until } from './testing/real-fleet.ts'

describe('the watch on the real infrastructure', () => {
  it.concurrent('sees a drone fall silent, orders one reboot although it is restarted, and finds the drone well', async () => {
    await using fleet = await openRealFleet()
    await fleet.report(booted(fleet.droneId, 1))
    await until('the boot', async () => (await fleet.seenBoot()) === 1)
    let sent = 0
    await flyUntil(fleet, 1, 'eight positions', async () => ++sent >= 8)

    await until('the suspicion', async () => (await fleet.path()).includes('suspect'))
    await fleet.restart()
    await until('the reboot', async () => (await fleet.path()).includes('rebooting'))
    await fleet.restart()
    await fleet.report(booted(fleet.droneId, 2))
    await flyUntil(fleet, 2, 'recovery', async () => (await fleet.path()).at(-1) === 'healthy')

    expect(await fleet.path()).toEqual(['suspect', 'unresponsive', 'rebooting', 'recovering', 'healthy'])
    expect(await fleet.sent(topics.droneCommands.name)).toMatchObject([
      { type: 'reboot', data: { droneId: fleet.droneId, endsBoot: 1 } },
    ])
    const [first] = await fleet.sent(topics.droneHealth.name)
    expect(first).toMatchObject({ data: { from: 'healthy', evidence: { rule: 'silent' } } })
  }, 120_000)

  it.concurrent('sees a drone whose messages are signed and mean nothing', async () => {
    await using fleet = await openRealFleet()
    await fleet.report(booted(fleet.droneId, 1))
    await until('the boot', async () => (await fleet.seenBoot()) === 1)
    let sent = 0
    await flyUntil(fleet, 1, 'four positions', async () => ++sent >= 4)

    await flyUntil(
      fleet,
      1,
      'the reboot',
      async () => (await fleet.path()).includes('rebooting'),
      () => '{"lat":"north"}',
    )

    const [first] = await fleet.sent(topics.droneHealth.name)
    expect(first).toMatchObject({ data: { to: 'suspect', evidence: { rule: 'nonsense' } } })
  }, 90_000)
})
