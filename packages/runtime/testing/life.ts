/** A process with a life and three parts, one of which does as it is told; it reports on standard output. */
import { createLifecycle } from '../lifecycle.ts'
import { silentLog } from '../log.ts'

const [, , behaviour] = process.argv
const say = (line: string) => process.stdout.write(`${line}\n`)
const life = createLifecycle(silentLog(), 300)

for (const name of ['first', 'second', 'third']) {
  life.own(name, {
    close: async () => {
      say(`close ${name}`)
      if (name !== 'second') return
      if (behaviour === 'part-fails') throw new Error('cannot close')
      if (behaviour === 'part-hangs') await new Promise(() => undefined)
    },
  })
}
setInterval(() => undefined, 1_000)
if (behaviour === 'rejects') void Promise.reject(new Error('nobody handles it'))
say('ready')
