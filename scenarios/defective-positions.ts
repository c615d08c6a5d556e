/** Drones that say nonsense, each in its own way: found by its rule, rebooted once, relaunched, and the parcels arrive. */
import assert from 'node:assert/strict'
import type { FaultKind } from '@fleet/drone-sim/faults'
import type { Scenario } from './scenario.ts'
import { breakDrone, flyOrders, parcelsOf } from './trouble.ts'

/** Which rules may find it. A jump is also far off the corridor, and either may speak first. */
const faults: [FaultKind, { size?: number; rules: string[] }][] = [
  ['frozen', { rules: ['frozen'] }],
  ['jumping', { size: 300, rules: ['jump', 'corridor'] }],
  ['drifting', { size: 3, rules: ['corridor'] }],
  ['corrupt', { size: 1, rules: ['nonsense'] }],
]
const distanceM = 3_000

export const defectivePositions: Scenario = {
  name: 'defective-positions',
  watch:
    'Watch four drones say where they are not: each is found out by its rule, rebooted, found well and relaunched, and its parcel arrives.',
  steps: async (stage, step) => {
    const carried = await step(`${faults.length} orders, each in the air`, () =>
      flyOrders(stage, faults.length, distanceM),
    )
    const broken = await step('each drone begins to say nonsense of its own kind', () =>
      Promise.all(
        faults.map(async ([fault, { size, rules }], index) => {
          const { order, droneId, epoch } = carried[index] ?? assert.fail('a drone is due')
          const trouble = await breakDrone(stage, droneId, { fault, ...(size === undefined ? {} : { size }) })
          return { fault, rules, order, droneId, epoch, trouble }
        }),
      ),
    )
    for (const { fault, rules, trouble } of broken) {
      await step(`${fault}: found out, rebooted, and well again`, async () => {
        const { evidence } = await trouble.comesTo('defective')
        assert(rules.includes(evidence.rule), `found by ${evidence.rule}`)
        await trouble.comesTo('healthy')
        const { commands } = await trouble.history()
        assert.deepEqual(
          commands.map(({ kind, steps }) => [kind, steps.at(-1)?.status]),
          [['reboot', 'succeeded']],
        )
        return `rule ${evidence.rule}, ${await trouble.timings()}`
      })
    }
    await step('each delivers what it carries, on the flight that it was on', async () => {
      for (const { order, epoch } of broken) assert.equal((await order.reaches('delivered')).flight?.epoch, epoch)
    })
    await step('in the physical world each parcel was handed over once', () => {
      for (const { order, droneId, epoch } of broken) {
        assert.deepEqual(parcelsOf(stage, order.id).handedOver, [{ droneId, epoch }])
      }
    })
    await step('all are home', async () => {
      for (const { order } of broken) await order.reaches('closed')
    })
  },
}
