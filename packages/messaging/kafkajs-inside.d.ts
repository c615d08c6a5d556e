/** What is used of the modules that kafkajs does not export. */
declare module 'kafkajs/src/network/requestQueue/index.js' {
  export default class RequestQueue {
    constructor(options: {
      requestTimeout: number
      enforceRequestTimeout: boolean
      clientId: string
      broker: string
      logger: { debug(): void; warn(): void }
    })
    readonly pending: readonly unknown[]
    readonly throttleCheckTimeoutId: NodeJS.Timeout | null
    scheduleCheckPendingRequests(): void
    checkPendingRequests(): void
    maybeThrottle(ms: number): void
    push(request: { entry: object; expectResponse: boolean; sendRequest(): void }): void
    destroy(): void
  }
}

declare module 'kafkajs/src/protocol/requests/fetch/v11/response.js' {
  const response: { decode(bytes: Buffer): Promise<unknown> }
  export default response
}

declare module 'kafkajs/src/protocol/encoder.js' {
  export default class Encoder {
    static sizeOfVarInt(value: number): number
    static sizeOfVarLong(value: number | bigint): number
    readonly buffer: Buffer
    writeInt8(value: number): this
    writeInt16(value: number): this
    writeInt32(value: number): this
    writeInt64(value: bigint): this
    writeString(value: string): this
    writeBytes(value: Buffer): this
    writeBuffer(value: Buffer): this
    writeVarInt(value: number): this
    writeUVarInt(value: number): this
    writeVarLong(value: number | bigint): this
    writeVarIntString(value: string): this
    writeVarIntBytes(value: Buffer | null): this
  }
}

declare module 'kafkajs/src/consumer/runner.js' {
  type Logger = { namespace(): Logger; debug(message: string): void; info(): void; warn(): void; error(): void }
  export default class Runner {
    constructor(options: {
      logger: Logger
      consumerGroup: {
        connect(): Promise<void>
        joinAndSync(): Promise<void>
        heartbeat(): Promise<void>
        leave(): Promise<void>
        getNodeIds(): number[]
        fetch(nodeId: number): Promise<{ topic: string; partition: number }[]>
      }
      instrumentationEmitter: { emit(): void }
      concurrency: number
      onCrash(error: Error): void
    })
    readonly running: boolean
    readonly fetchManager: { stop(): Promise<void> }
    start(): Promise<void>
    stop(): Promise<void>
    fetch(nodeId: number): Promise<unknown[]>
    handleBatch(batch: unknown): Promise<void>
  }
}

declare module 'kafkajs/src/broker/index.js' {
  export default class Broker {
    initProducerId(options: { transactionalId: string | null; transactionTimeout: number }): Promise<unknown>
  }
}
