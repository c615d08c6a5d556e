/**
 * `use` of `value`: at once where it is there already. For what is done ten thousand times a second and waits one time in a thousand: a promise
 * a time would cost as much as the work.
 */
export const soon = <Value, Result>(
  value: Value | Promise<Value>,
  use: (value: Value) => Result | Promise<Result>,
): Result | Promise<Result> => (value instanceof Promise ? value.then(use) : use(value))
