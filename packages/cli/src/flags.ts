import type { FlagEntry } from './command-entry.ts'

/** Flags every command takes. */
export const globalFlags: readonly FlagEntry[] = [
  { flag: '--lab <name>', env: 'HOPLAB_LAB', summary: 'which lab that is up, where several are; for up, run and prove the name to give it' },
  { flag: '--lang <language>', env: 'HOPLAB_LANG', summary: 'language of lab texts; default from LANG', choices: ['en', 'hi-Latn'] },
  { flag: '--json', env: 'HOPLAB_JSON', summary: 'the result as JSON on stdout, with a schemaVersion' },
  { flag: '--progress <how>', env: 'HOPLAB_PROGRESS', summary: 'how progress is told on stderr', choices: ['auto', 'plain', 'json'], default: 'auto' },
]

const provider: FlagEntry = { flag: '--provider <name>', env: 'HOPLAB_PROVIDER', summary: 'what makes the cluster', choices: ['auto', 'kind', 'embedded'], default: 'auto' }
const cni: FlagEntry = { flag: '--cni <name>', env: 'HOPLAB_CNI', summary: 'network plugin of the cluster; default the first the lab names', choices: ['flannel', 'calico', 'weave', 'aws-vpc', 'routes'] }
const cniOption: FlagEntry = { flag: '--cni-option <key=value>', env: 'HOPLAB_CNI_OPTION', summary: 'how the plugin does its work: backend=vxlan|host-gw or directRouting=true of flannel, vxlanMode=Always|CrossSubnet of calico; default what the lab says', many: true }
const proxyMode: FlagEntry = { flag: '--proxy-mode <mode>', env: 'HOPLAB_PROXY_MODE', summary: 'how kube-proxy writes its rules', choices: ['iptables', 'nftables'], default: 'iptables' }
const images: FlagEntry = { flag: '--images <source>', env: 'HOPLAB_IMAGES', summary: 'where images come from; anything but auto asks no registry', choices: ['auto', 'upstream', 'local', 'bundle'], default: 'auto' }
const seed: FlagEntry = { flag: '--seed <text>', env: 'HOPLAB_SEED', summary: 'what differs in the lab is drawn from it, the same on every machine; default that of the lab that is up, else 1' }
const internet: FlagEntry = { flag: '--internet', env: 'HOPLAB_INTERNET', summary: 'leave the way to the outside open' }
const timings: FlagEntry = { flag: '--timings', env: 'HOPLAB_TIMINGS', summary: 'how long each phase took' }

/** How a cluster is made. */
export const clusterFlags: readonly FlagEntry[] = [provider, cni, cniOption, proxyMode, images, seed, internet, timings]

const cnis: FlagEntry = { ...cni, flag: '--cni <names>', summary: 'networks to compare, with commas between; all = every one that can be installed here', many: true }
const proxyModes: FlagEntry = { ...proxyMode, flag: '--proxy-mode <modes>', summary: 'how kube-proxy writes its rules: iptables, nftables, or both with a comma between; default iptables', many: true }

const cniOptionVariants: FlagEntry = { ...cniOption, summary: 'each makes one column more, of its network with that option: backend=host-gw or directRouting=true of flannel, vxlanMode=CrossSubnet of calico' }

/** How clusters are made that are compared. Lists have neither choices nor a default: the command reads them itself. */
export const matrixFlags: readonly FlagEntry[] = [provider, withoutChoices(cnis), cniOptionVariants, withoutChoices(proxyModes), images]

/** How clusters are made that labs are proven on, one after another. */
export const proveFlags: readonly FlagEntry[] = [
  provider, withoutChoices({ ...cnis, summary: 'networks to prove on, with commas between; all = every one of the lab that can be installed here; default the first the lab names' }), cniOption,
  withoutChoices(proxyModes), images, seed, internet, timings,
]

function withoutChoices({ choices: _choices, default: _default, ...flag }: FlagEntry): FlagEntry { return flag }

/** Flags of one command each. */
export const flags = {
  recreate: { flag: '--recreate', env: 'HOPLAB_RECREATE', summary: 'replace what runs under this name; hints taken and solved steps stay counted' },
  startOver: { flag: '--start-over', env: 'HOPLAB_START_OVER', summary: 'like --recreate, and forget answers, finished steps, hints taken and solved steps' },
  watch: { flag: '--watch', env: 'HOPLAB_WATCH', summary: 'check again and again until everything is green' },
  yes: { flag: '--yes', env: 'HOPLAB_YES', summary: 'pay for the hint without being asked' },
  pcap: { flag: '--pcap <file>', env: 'HOPLAB_PCAP', summary: 'write the packets of the request to this file (pcapng, for Wireshark or tcpdump)' },
  port: { flag: '--port <number>', env: 'HOPLAB_PORT', summary: 'port of 127.0.0.1 to listen at; default one that is free' },
  undo: { flag: '--undo', env: 'HOPLAB_UNDO', summary: 'take the fault back' },
  solution: { flag: '--solution <name>', env: 'HOPLAB_SOLUTION', summary: 'which solution, by number or name', default: '1' },
  allDown: { flag: '--all', env: 'HOPLAB_ALL', summary: 'every lab that is up' },
  allClean: { flag: '--all', env: 'HOPLAB_ALL', summary: 'labs that are up as well, and kept evidence' },
  repeat: { flag: '--repeat <count>', env: 'HOPLAB_REPEAT', summary: 'how often everything is proven; verdicts must not differ', default: '1' },
  claims: { flag: '--claims', env: 'HOPLAB_CLAIMS', summary: 'print which check proves which sentence of the notes, and prove nothing now' },
  markdown: { flag: '--markdown', env: 'HOPLAB_MARKDOWN', summary: 'the result as Markdown tables' },
  only: { flag: '--only <names>', env: 'HOPLAB_ONLY', summary: 'only these images or build steps and what they need', many: true },
} as const satisfies Record<string, FlagEntry>
