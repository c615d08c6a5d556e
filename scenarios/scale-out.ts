/** A second instance of the order service comes, leaves, and is killed, while customers order: no request of theirs fails (decision 0020). */
import assert from 'node:assert/strict'
import { ServicesHealthReply } from '@fleet/contracts/front-door'
import { writeAddressList } from '@fleet/local/address-lists'
import { withAdmin } from '@fleet/local/kafka-admin'
import { createBearer } from '@fleet/local/sign-in'
import { AssignerProtocol } from 'kafkajs'
import { startExtraInstance } from './extra-instance.ts'
import type { Scenario } from './scenario.ts'
import type { Stage } from './stage.ts'
import { startSteadyLoad } from './steady-load.ts'

const customers = 6
/** So many further requests show that a change did no harm. */
const enough = 200
/** World seconds in which an order gets its drone, also where the group has to share its partitions anew first. */
const assignedWorldS = 600

/** Partitions of each member of the consumer group `order`. */
async function sharesOf(bootstrap: string): Promise<number[]> {
  const { groups } = await withAdmin(bootstrap.split(','), (admin) => admin.describeGroups(['order']))
  const members = groups.flatMap((group) => (group.state === 'Stable' ? group.members : []))
  return members.map(({ memberAssignment }) => {
    const decoded = AssignerProtocol.MemberAssignment.decode(memberAssignment)
    return Object.values(decoded?.assignment ?? {}).reduce((sum, partitions) => sum + partitions.length, 0)
  })
}

async function instancesOf(get: Stage['get']): Promise<number> {
  const { body } = await get('/v1/health/services')
  const order = ServicesHealthReply.parse(body).items.find(({ service }) => service === 'order')
  return order?.instances.filter(({ breaker }) => breaker === 'closed').length ?? 0
}

/** How many calls the gateway made to the instance at `url`. */
async function callsTo(gateway: string, url: string): Promise<number> {
  const text = await (await fetch(`${gateway}/metrics`)).text()
  const line = text
    .split('\n')
    .find((one) => one.startsWith('gateway_instance_calls_total') && one.includes(`"${url}"`))
  return Number(line?.split(' ').at(-1) ?? 0)
}

export const scaleOut: Scenario = {
  name: 'scale-out',
  watch: 'Watch a second order service come, leave and be killed under load: no request of a customer fails.',
  needs: 'processes',
  steps: async ({ info, get, until, customer }, step) => {
    const { gateway = '', services, accounts, addressLists, kafka } = info()
    const { order } = services
    if (order === undefined || accounts === undefined || addressLists === undefined) {
      throw new Error('The stack has no order service, no gateway, or no address lists.')
    }
    const bearer = createBearer(gateway, accounts.customer, () => performance.now())
    const load = await startSteadyLoad(gateway, bearer, customers)
    const nothingFailed = () => {
      const { count, first } = load.failures()
      assert.equal(count, 0, `${count} failed: ${first.join('; ')}`)
    }
    const goOn = async () => {
      const from = load.answered()
      await until(`${enough} further answers`, 0, async () => load.answered() > from + enough)
      nothingFailed()
      return `${load.answered()} answers, none of them wrong`
    }
    const orderIsAssigned = async () => void (await (await customer.order()).reaches('assigned', assignedWorldS))
    let extra = await startExtraInstance('order', info())
    try {
      await step('one instance serves its customers', goOn)
      await step('a second one starts, and they share the partitions', async () => {
        await until('it to be ready', 0, () => extra.isReady())
        const shares = await until('both to have partitions', 0, async () => {
          const found = await sharesOf(kafka.internal)
          return found.length === 2 && found.every((partitions) => partitions > 0) && found
        })
        return `${shares.join(' and ')} partitions`
      })
      await step('it is put on the address list, and customers are served by both', async () => {
        writeAddressList(addressLists, 'order', [order, extra.url])
        await until('the gateway to know two', 0, async () => (await instancesOf(get)) === 2)
        await until('the new one to be asked', 0, async () => (await callsTo(gateway, extra.url)) > enough / 4)
        return goOn()
      })
      await step('an order is placed and gets its drone', orderIsAssigned)
      await step('it is taken off the list, and stopped once the gateway has forgotten it', async () => {
        writeAddressList(addressLists, 'order', [order])
        await until('the gateway to know one', 0, async () => (await instancesOf(get)) === 1)
        assert.equal(await extra.stop(), 0)
        return goOn()
      })
      await step('another one comes, and is killed while it is listed', async () => {
        extra = await startExtraInstance('order', info())
        await until('it to be ready', 0, () => extra.isReady())
        writeAddressList(addressLists, 'order', [order, extra.url])
        await until('it to be asked', 0, async () => (await callsTo(gateway, extra.url)) > enough / 4)
        extra.kill()
        await goOn()
        writeAddressList(addressLists, 'order', [order])
        return goOn()
      })
      await step('the first one has all partitions again', () =>
        until('one member', 0, async () => {
          const shares = await sharesOf(kafka.internal)
          return shares.length === 1 && shares.every((partitions) => partitions > 0)
        }),
      )
      await step('an order is placed and gets its drone', orderIsAssigned)
    } finally {
      writeAddressList(addressLists, 'order', [order])
      await load.stop()
      await extra.stop()
    }
    await step('of all requests none failed', () => {
      nothingFailed()
      return `${load.answered()} answers`
    })
  },
}
