import { Deadline } from '@hoplab/core'

/**
 * Runs works side by side under one bound. When one fails, the others' bound aborts; all have ended before the first failure is thrown,
 * so nothing goes on behind the caller's back.
 */
export async function together<T extends readonly ((deadline: Deadline) => Promise<unknown>)[]>(
  deadline: Deadline, ...works: T
): Promise<{ -readonly [K in keyof T]: Awaited<ReturnType<T[K]>> }> {
  const stop = new AbortController()
  using shared = Deadline.start(deadline.name, deadline.remainingMs(), { clock: deadline.clock, signal: AbortSignal.any([deadline.signal, stop.signal]) })
  let first: unknown
  const results = await Promise.allSettled(works.map(async (work) => {
    try { return await work(shared) } catch (error) { first ??= error; stop.abort(error); throw error }
  }))
  if (first !== undefined) throw first
  return results.map((result) => (result as PromiseFulfilledResult<unknown>).value) as never
}
