import { type Deadline, labels } from '@hoplab/core'
import { exec, run } from '@hoplab/core/node'
import { imageSet } from '@hoplab/images'

/** What was captured, one line for each packet. */
export interface UplinkSeen {
  /** Packets from or to addresses of labs on the machine's uplink. */
  uplink: string[]
  /** Packets that the same filter caught on all devices together, 200 at most: the control, which must be many. */
  everywhere: number
}

/** A capture that is going on. */
export interface UplinkWatch {
  /** Ends the capture; a second call gives the same. Throws when the capture did not listen, so that "nothing was seen" is never said by one that was deaf. */
  stop(): Promise<UplinkSeen>
}

/** Pods, Services, nodes, the internets of labs, and the address that stands for anybody outside: a packet to these that left the machine with another source is caught by where it goes. */
const ranges = ['10.244.0.0/16', '10.96.0.0/16', '172.28.0.0/16', '198.51.100.0/24', '203.0.113.0/24']
const filter = ranges.map((range) => `net ${range}`).join(' or ')
const script = `uplink=$(ip route show default | sed -n 's/.* dev \\([^ ]*\\).*/\\1/p;q')
tcpdump -l -n -i "$uplink" '${filter}' > /uplink.txt 2> /uplink.err &
tcpdump -l -n -i any -c 200 '${filter}' > /everywhere.txt 2>/dev/null &
wait`

/** Captures on the machine's uplink, and by the same filter on every device, until stopped. It lives in a container named after the test; one left over of that name is replaced. */
export async function watchUplink(test: string, deadline: Deadline): Promise<UplinkWatch> {
  const container = `${test}-uplink-watch`
  await exec('docker', ['rm', '--force', container], { deadline })
  await run('docker', ['run', '--detach', '--rm', '--name', container, '--label', `${labels.role}=test`, '--network', 'host', '--cap-add', 'NET_ADMIN', '--cap-add', 'NET_RAW',
    '--entrypoint', 'sh', imageSet('local').toolbox, '-c', script], { deadline })
  const read = async (file: string): Promise<string[]> => (await run('docker', ['exec', container, 'cat', file], { deadline })).stdout.split('\n').filter(Boolean)
  let seen: UplinkSeen | undefined
  return {
    async stop() {
      if (seen) return seen
      const told = (await read('/uplink.err')).join(' ')
      if (!told.includes('listening on')) throw new Error(`The capture on the uplink did not listen: ${told}`)
      seen = { uplink: await read('/uplink.txt'), everywhere: (await read('/everywhere.txt')).length }
      await run('docker', ['rm', '--force', container], { deadline })
      return seen
    },
  }
}
