/** A step that several cases take together: the last one to call performs the action with its own argument, and all wait for it. */
export function meeting<T>(size: number, action: (each: T) => Promise<void>): (each: T) => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let arrived = 0
  return (each) => {
    arrived += 1
    if (arrived === size) resolve(action(each))
    return promise
  }
}
