import { cp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { go, staticEnv } from './go.ts'
import { cniImage, fromDockerfile } from './image-steps.ts'
import { moduleBinary } from './module-binary.ts'
import { filesBelow, packageFolder } from './source-files.ts'
import type { Step } from './step.ts'

const controller = 'github.com/jcmoraisjr/haproxy-ingress'
const binary = 'haproxy-ingress-controller'
/** The controller: writes HAProxy's configuration from Ingresses, Services, EndpointSlices and Secrets. */
export const ingressBinary = moduleBinary({
  name: 'haproxy-ingress', expectedMs: 270_000, target: `${controller}/pkg`, binary, version: (v) => v.local.haproxyIngress.version,
  flags: (version) => `-X ${controller}/pkg/version.RELEASE=${version}`,
})

const partsDockerfile = `FROM scratch\nCOPY ${binary} /${binary}\nCOPY rootfs /rootfs\n`
/** The controller with the templates, Lua programs and scripts of its module: what dockerfiles/haproxy-ingress takes as PARTS. */
export const ingressParts: Step = {
  name: 'haproxy-ingress-parts', needs: [ingressBinary.name], expectedMs: 4_000, tools: ['go'],
  inputs: async () => ({ module: await filesBelow('modules/haproxy-ingress'), dockerfile: partsDockerfile }),
  output: {
    kind: 'image',
    ref: () => 'hoplab/program-haproxy-ingress:local',
    async make({ ref, labels, scratch }, context) {
      const { deadline, onLine } = context
      const answer = await go(['mod', 'download', '-json', controller], join(packageFolder, 'modules', 'haproxy-ingress'), 'haproxy-ingress-parts', context, staticEnv)
      await cp(join((JSON.parse(answer) as { Dir: string }).Dir, 'rootfs'), join(scratch, 'rootfs'), { recursive: true })
      await cp(join(context.folderOf(ingressBinary.name), binary), join(scratch, binary))
      await writeFile(join(scratch, 'Dockerfile'), partsDockerfile)
      await context.engine.build({ folder: scratch, ref, args: {}, labels, deadline, onLine })
    },
  },
}

/** Controller and Debian's HAProxy. */
export const ingressImage = fromDockerfile({
  name: 'haproxy-ingress', expectedMs: 20_000, needs: ['base', ingressParts.name], ref: cniImage('haproxyIngress'), bases: { BASE: 'base', PARTS: ingressParts.name },
})
