export type {
  Baseline, ClusterProvider, ClusterSpec, Difference, EnsureOptions, FoundCluster, NetworkInstaller, Removed, RunningCluster, Toolbox, ToolboxResult,
} from './port.ts'
