/** What is used of a class that kafkajs does not export. */
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
