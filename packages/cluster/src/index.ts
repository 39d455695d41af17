export {
  HOP_CLUSTER_DIFFERS, HOP_CLUSTER_NOT_READY, HOP_DISK_FULL, HOP_ENGINE_REFUSED, HOP_ENGINE_UNREACHABLE, HOP_INOTIFY_LOW, HOP_LAB_NOT_UP, HOP_LAB_OF_OTHER_HOME, HOP_MEMORY_LOW,
  HOP_NAME_TAKEN, HOP_NO_FREE_SUBNET, HOP_NODE_UNKNOWN, HOP_NODES_FAILED, HOP_PORT_TAKEN, HOP_TOOLBOX_GONE,
} from './errors.ts'
export type {
  Baseline, ClusterProvider, ClusterSpec, Difference, EnsureOptions, FoundCluster, NetworkInstaller, Removed, RunningCluster, Toolbox, ToolboxResult,
} from './port.ts'
