import { z } from 'zod'
import { jsonOf } from '../probes/readings.ts'
import type { Round } from '../round.ts'

/** Where the kernel would send a packet now. `device` is `no route` where the kernel refuses. */
export interface Route { to: string; device: string; gateway: string | undefined }

const routes = z.array(z.object({ dst: z.string(), dev: z.string(), gateway: z.string().optional() })).length(1)

/** The kernel's own answer to `ip route get`, for each address: what it would do, rules and all, not what a table lists. */
export function routesTo(round: Round, node: string, addresses: readonly string[]): Promise<Route[]> {
  return Promise.all(addresses.map(async (to) => {
    const reading = await round.readings.of(node, ['ip', '-j', 'route', 'get', to])
    // The kernel's refusal (ip(8), EXIT STATUS): unreachable, blackhole, or nothing that leads there. Measured: nothing is printed then.
    if (reading.exitCode === 2 && reading.text.trim() === '') return { to, device: 'no route', gateway: undefined }
    const [route] = jsonOf(reading, `the route of ${node} to ${to}`, routes)
    return { to, device: route?.dev ?? 'no route', gateway: route?.gateway }
  }))
}
