import { HOP_IMAGES_UNKNOWN_STEP } from '../errors.ts'
import { awsVpcImage, awsVpcParts } from './aws-vpc-steps.ts'
import { calicoCniBinary, calicoCrdsFile, calicoInstallBinary, calicoNodeBinary } from './calico-steps.ts'
import {
  corednsBinary, etcdBinary, flannelBinary, flannelCniPluginBinary, kubernetesBinaries, agentProgram, pauseProgram, probeProgram, echoProgram, balancerProgram, metadataProgram,
} from './go-steps.ts'
import { base, besideNode, debian, echo, echoImage, edge, edgeImage, insideNode, node, nodeRoot, probeImage, toolbox } from './image-steps.ts'
import { ingressBinary, ingressImage, ingressParts } from './ingress-steps.ts'
import type { Step } from './step.ts'
import { weaveImage, weavePrograms, weaveSource } from './weave-steps.ts'

/** Every step of the local build; each stands after those it needs. */
export const allSteps: readonly Step[] = [
  debian, base, probeProgram, agentProgram, echoProgram, pauseProgram, probeImage, echoImage, toolbox, echo,
  etcdBinary, corednsBinary, flannelBinary, flannelCniPluginBinary, kubernetesBinaries, ...insideNode, nodeRoot, node,
  calicoCrdsFile, calicoInstallBinary, calicoCniBinary, calicoNodeBinary, ...besideNode,
  balancerProgram, edgeImage, edge, ingressBinary, ingressParts, ingressImage,
  weaveSource, weavePrograms, weaveImage,
  metadataProgram, ...awsVpcParts, awsVpcImage,
]

/** The named steps (default: all but those on request) and everything they need, in order. @throws HOP_IMAGES_UNKNOWN_STEP */
export function planned(only: readonly string[] = [], steps: readonly Step[] = allSteps): Step[] {
  if (only.length === 0) return steps.filter((step) => !step.onRequest)
  const wanted = new Set<string>()
  const want = (name: string): void => {
    const step = steps.find((candidate) => candidate.name === name)
    if (!step) throw HOP_IMAGES_UNKNOWN_STEP({ name, known: steps.map((known) => known.name) })
    if (wanted.has(name)) return
    wanted.add(name)
    step.needs.forEach(want)
  }
  only.forEach(want)
  return steps.filter((step) => wanted.has(step.name))
}
