/** The wall clock of this process, off by `ms` until disposed. */
export function shiftedDate(ms: number): Disposable {
  const real = globalThis.Date
  class ShiftedDate extends real {
    constructor(...given: [] | [value: number | string | Date]) {
      if (given.length === 0) super(real.now() + ms)
      else super(...given)
    }
    static override now(): number { return real.now() + ms }
  }
  globalThis.Date = ShiftedDate as DateConstructor
  return { [Symbol.dispose]: () => { globalThis.Date = real } }
}
