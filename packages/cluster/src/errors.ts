import { defineError, plainLine } from '@hoplab/core'
import { asRoot, startOwnEngine, stateFolder } from '@hoplab/core/node'

/** No container engine answers. */
export const HOP_ENGINE_UNREACHABLE = defineError<{ said: string }>('HOP_ENGINE_UNREACHABLE', {
  exitCode: 3,
  what: 'The container engine does not answer.',
  why: (p) => plainLine(p.said) || 'The docker client printed nothing.',
  fix: () => `Start Docker, then run "hoplab doctor"; on a bare Linux machine run "${startOwnEngine()}".`,
  state: 'What had been created before is still there; "hoplab clean" removes it once the engine answers.',
})

/** The engine answered, and refused. */
export const HOP_ENGINE_REFUSED = defineError<{ command: string; said: string }>('HOP_ENGINE_REFUSED', {
  exitCode: 3,
  what: (p) => `The container engine refused "${plainLine(p.command, 140)}".`,
  why: (p) => plainLine(p.said.slice(-500)) || 'It gave no reason.',
  fix: 'Run "hoplab doctor", then try again.',
  state: 'What this command had created is removed unless a message says otherwise.',
})

/** A toolbox that did not run a program to its end. */
export const HOP_TOOLBOX_GONE = defineError<{ container: string; said: string }>('HOP_TOOLBOX_GONE', {
  exitCode: 3,
  what: (p) => `The toolbox ${p.container} did not run its program to the end.`,
  why: (p) => plainLine(p.said.slice(-300)) || 'It ended without a word.',
  fix: 'Run "hoplab up LAB --recreate".',
  state: 'The cluster is kept as it is.',
})

/** A position or Node name that this cluster does not have. */
export const HOP_NODE_UNKNOWN = defineError<{ asked: string; known: string[] }>('HOP_NODE_UNKNOWN', {
  exitCode: 2,
  what: (p) => `There is no node "${plainLine(p.asked, 60)}".`,
  why: (p) => `This cluster has ${p.known.join(', ')}.`,
  fix: (p) => `Use one of them, e.g. "${p.known.at(-1) ?? 'worker-1'}".`,
  state: 'Nothing was changed.',
})

/** No cluster of this name is up. */
export const HOP_LAB_NOT_UP = defineError<{ name: string; why: string }>('HOP_LAB_NOT_UP', {
  exitCode: 2,
  what: (p) => `The lab "${plainLine(p.name, 60)}" is not up.`,
  why: (p) => p.why,
  fix: 'Run "hoplab up LAB" first; "hoplab status" shows what is up.',
  state: 'Nothing was changed.',
})

/** The name is taken by something that is not ours. */
export const HOP_NAME_TAKEN = defineError<{ what: string; name: string }>('HOP_NAME_TAKEN', {
  exitCode: 3,
  what: (p) => `The ${p.what} "${p.name}" exists and is not ours.`,
  why: 'It carries no label of hoplab, so somebody else made it and it is not touched.',
  fix: (p) => `Choose another name with "--lab NAME"; if it is yours and not needed, "docker ${p.what === 'network' ? 'network rm' : 'rm --force --volumes'} ${p.name}" removes it.`,
  state: 'Nothing was created.',
})

/** The name is taken by a lab of somebody else who uses hoplab on the same engine. */
export const HOP_LAB_OF_OTHER_HOME = defineError<{ lab: string; thing: string }>('HOP_LAB_OF_OTHER_HOME', {
  exitCode: 3,
  what: (p) => `A lab "${p.lab}" that belongs to another state folder is on this engine (${p.thing}).`,
  why: () => `Another user, or another HOPLAB_HOME than the one of ${stateFolder()}, made it; it is not touched.`,
  fix: 'Choose another name with "--lab NAME"; whoever made it removes it with "hoplab down".',
  state: 'Nothing was created.',
})

/** A network of ours that the engine keeps because of a container that is not ours. */
export const HOP_NETWORK_IN_USE = defineError<{ network: string; containers: readonly string[]; said: string }>('HOP_NETWORK_IN_USE', {
  exitCode: 3,
  what: (p) => `The network ${p.network} cannot be removed: ${p.containers.map((name) => plainLine(name, 60)).join(', ')} uses it and is not ours.`,
  why: (p) => plainLine(p.said.slice(-300)),
  fix: (p) => `Run "docker network disconnect --force ${p.network} ${p.containers[0] ?? 'CONTAINER'}", then try again.`,
  state: 'The containers of the lab are removed; its network and files are kept.',
})

/** The running cluster was made from another spec. */
export const HOP_CLUSTER_DIFFERS = defineError<{ name: string; differences: string[] }>('HOP_CLUSTER_DIFFERS', {
  exitCode: 2,
  what: (p) => `The lab "${p.name}" is up with other settings.`,
  why: (p) => p.differences.join('; '),
  fix: 'Add "--recreate" to replace it, or ask for the settings it has.',
  state: 'The running lab is kept as it is.',
})

/** A cluster with an internet of its own was to be opened to the real one. */
export const HOP_ADDONS_NEED_CLOSED = defineError<{ name: string; addons: readonly string[] }>('HOP_ADDONS_NEED_CLOSED', {
  exitCode: 2,
  what: (p) => `The lab "${p.name}" cannot be opened to the internet.`,
  why: (p) => `It has ways in and out of its own (${p.addons.join(', ')}), which begin at the gateway of a closed lab.`,
  fix: 'Leave "--internet" away.',
  state: 'Nothing was created.',
})

/** No address range was free for the lab's network. */
export const HOP_NO_FREE_SUBNET = defineError<{ tried: number; said: string }>('HOP_NO_FREE_SUBNET', {
  exitCode: 3,
  what: (p) => `None of ${p.tried} address ranges is free for the lab's network.`,
  why: (p) => plainLine(p.said),
  fix: 'Remove networks that nobody uses with "docker network prune", then try again.',
  state: 'Nothing was created.',
})

/** kind could not make the nodes. */
export const HOP_NODES_FAILED = defineError<{ said: string }>('HOP_NODES_FAILED', {
  exitCode: 3,
  what: 'The nodes of the cluster did not come up.',
  why: (p) => plainLine(p.said.slice(-600)) || 'kind printed nothing.',
  fix: 'Read the evidence, run "hoplab doctor", then try again.',
  state: 'What had been created was removed.',
})

/** The cluster came up but does not work. */
export const HOP_CLUSTER_NOT_READY = defineError<{ name: string; reasons: string[] }>('HOP_CLUSTER_NOT_READY', {
  exitCode: 3,
  what: (p) => `The cluster of "${p.name}" did not become ready in time.`,
  why: (p) => plainLine(p.reasons.join('; '), 900),
  fix: 'Read the evidence, then run "hoplab up LAB --recreate"; on a slow machine set HOPLAB_TIMEOUT_FACTOR=2.',
  state: 'What had been created was removed.',
})

/** Too few inotify instances are left for the nodes. */
export const HOP_INOTIFY_LOW = defineError<{ limit: number; inUse: number; needed: number; nodes: number }>('HOP_INOTIFY_LOW', {
  exitCode: 3,
  what: (p) => `${p.inUse} of ${p.limit} inotify instances are in use; ${p.nodes} nodes need ${p.needed} more.`,
  why: 'fs.inotify.max_user_instances is too low; kubelet and kube-proxy would stop again and again with "too many open files".',
  fix: (p) => inotifyFix(p),
  state: 'Nothing was created.',
})

/** The command that raises the limit far enough. */
export const inotifyFix = (p: { inUse: number; needed: number }): string =>
  asRoot(`sysctl -w fs.inotify.max_user_instances=${Math.max(512, 2 ** Math.ceil(Math.log2(p.inUse + p.needed)))}`)

/** Too little room for the nodes' file systems. */
export const HOP_DISK_FULL = defineError<{ folder: string; freeGiB: number; neededGiB: number }>('HOP_DISK_FULL', {
  exitCode: 3,
  what: (p) => `${p.freeGiB.toFixed(1)} GiB are free under ${p.folder}; the nodes need ${p.neededGiB.toFixed(1)} GiB.`,
  why: 'Every node gets a copy of the images inside its file system.',
  fix: 'Free space with "docker system prune", or remove labs with "hoplab down --all".',
  state: 'Nothing was created.',
})

/** Too little memory for the nodes. */
export const HOP_MEMORY_LOW = defineError<{ freeGiB: number; neededGiB: number }>('HOP_MEMORY_LOW', {
  exitCode: 3,
  what: (p) => `${p.freeGiB.toFixed(1)} GiB of memory are free; the nodes need ${p.neededGiB.toFixed(1)} GiB.`,
  why: 'The kernel would end processes of the cluster at random.',
  fix: 'Remove a lab with "hoplab down", end other programs, or give Docker more memory, then try again.',
  state: 'Nothing was created.',
})

/** Nothing can listen at a port of this machine. */
export const HOP_PORT_TAKEN = defineError<{ port: number; said: string }>('HOP_PORT_TAKEN', {
  exitCode: 2,
  what: (p) => `Port ${p.port} of 127.0.0.1 cannot be listened at.`,
  why: (p) => (p.said === 'EADDRINUSE' ? 'Another program listens there already.' : p.said === 'EACCES' ? 'Only root may listen at ports below 1024.' : `The system said ${plainLine(p.said, 200)}.`),
  fix: 'Name another with "--port", or none: then one that is free is taken.',
  state: 'Nothing was started.',
})
