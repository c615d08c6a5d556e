/** The load generator as a process of its own, so that it is the same for all contenders and part of none: a LoadSpec in, a LoadResult out. */
import { text } from 'node:stream/consumers'
import { LoadSpec, load } from './load.ts'

process.stdout.write(JSON.stringify(await load(LoadSpec.parse(JSON.parse(await text(process.stdin))))))
