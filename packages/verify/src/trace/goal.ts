import type { Origin } from '../scene/origin.ts'
import type { Service } from '../scene/kube-shapes.ts'
import type { Endpoint } from '../scene/services.ts'

/** What a trace asks, resolved. */
export interface Goal {
  /** `Service tr/hello:80`, `Pod tr/server:8080`, `10.1.2.3:80`. */
  name: string
  address: string
  port: number
  service: Service | undefined
  /** Where the packet may end up; for a Pod only that. */
  endpoints: readonly Endpoint[]
  /** Name that a client looks up first; undefined when it dials an address. */
  asked: string | undefined
}

/** A trace's two ends. */
export interface Asked { origin: Origin; goal: Goal }
