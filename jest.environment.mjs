// Jest's own environment looks up each global through a proxy: `Math.sin` is then ten times slower than in production.
// This one hands the same globals to a context without one.
import { constants, createContext } from 'node:vm'
import { TestEnvironment as NodeEnvironment } from 'jest-environment-node'

export default class PlainEnvironment extends NodeEnvironment {
  constructor(config, context) {
    super(config, context)
    const plain = createContext(constants.DONT_CONTEXTIFY)
    const descriptors = Object.getOwnPropertyDescriptors(this.global)
    for (const key of Reflect.ownKeys(descriptors)) {
      if (!Object.hasOwn(plain, key)) Object.defineProperty(plain, key, descriptors[key])
    }
    for (const key of ['ArrayBuffer', 'Uint8Array']) plain[key] = this.global[key]
    plain.global = plain
    plain.Error.stackTraceLimit = 100
    this.context = plain
    this.global = plain
  }
}
