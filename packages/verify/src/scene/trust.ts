import type { Container, Pod } from './kube-shapes.ts'

/** Program of the lab's server image; something else started from the same image may say anything. */
const serverProgram = '/echo'

/**
 * Whether what this Pod's server says about itself may count as a witness: every container runs the lab's image, its own program, nothing is
 * mounted over that program, and no hook or probe starts another (the image has a shell). One foreign container is enough to distrust the Pod, because any of them may be the one that listens.
 */
export function isTrusted(pod: Pod, trustedImages: readonly string[]): boolean {
  const trusted = new Set(trustedImages.map(canonicalImage))
  const containers = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? []), ...(pod.spec?.ephemeralContainers ?? [])]
  return containers.length > 0 && containers.every((container) => runsOwnProgram(container) && trusted.has(canonicalImage(container.image ?? '')))
}

function runsOwnProgram({ command, volumeMounts, lifecycle, livenessProbe, readinessProbe, startupProbe }: Container): boolean {
  const started = command === undefined || command.length === 0 || command[0] === serverProgram
  const another = lifecycle !== undefined || [livenessProbe, readinessProbe, startupProbe].some((probe) => probe?.exec !== undefined)
  return started && !another && (volumeMounts ?? []).every(({ mountPath }) => mountPath !== '/' && mountPath !== serverProgram)
}

/** `echo:1`, `library/echo:1` and `docker.io/library/echo:1` are one image (distribution reference grammar). */
function canonicalImage(image: string): string {
  const first = image.split('/')[0] ?? ''
  const hasHost = image.includes('/') && (first.includes('.') || first.includes(':') || first === 'localhost')
  const path = hasHost ? image : `docker.io/${image}`
  return path.replace(/^docker\.io\/(?=[^/]+$)/u, 'docker.io/library/')
}
