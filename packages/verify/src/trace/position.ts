import type { LabView } from '../port.ts'

/** What people call a node, `worker-1` or `control-plane`: it is the same in every lab, unlike its name. The name, where a provider has no such positions. */
export function positionOf(view: LabView, node: string): string {
  const workers = view.nodes.filter(({ role }) => role === 'worker').map((_, index) => `worker-${index + 1}`)
  return ['control-plane', ...workers].find((position) => nameOf(view, position) === node) ?? node
}

function nameOf(view: LabView, position: string): string | undefined {
  try {
    return view.nodeName(position)
  } catch {
    return undefined
  }
}
