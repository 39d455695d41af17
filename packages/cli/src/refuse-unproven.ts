import { type CniName, type CniOptions, type LabFile, optionsText, type ProxyMode } from '@hoplab/model'
import { HOP_NOT_OFFERED } from './errors.ts'
import { installerOf } from './implementations.ts'

/** The network that was asked for; `options` only where the command line names them. */
export interface AskedNetwork { cni: string; proxyMode: ProxyMode; options?: CniOptions }

/**
 * Refuses a network that a lab was not proven on. Options, all of which take the tunnel off the wire, are offered where the lab is proven on some network
 * without one: elsewhere its questions may be about the tunnel. A lab that asks for options itself gets those. @throws HOP_NOT_OFFERED
 */
export async function refuseUnproven({ cnis, proxyModes, id, cniOptions }: Pick<LabFile, 'id' | 'cnis' | 'proxyModes' | 'cniOptions'>, { cni, proxyMode, options }: AskedNetwork): Promise<void> {
  if (!cnis.includes(cni as CniName)) throw HOP_NOT_OFFERED({ what: `The lab "${id}" with the CNI "${cni}"`, offered: cnis })
  if (!proxyModes.includes(proxyMode)) throw HOP_NOT_OFFERED({ what: `The lab "${id}" with kube-proxy in ${proxyMode} mode`, offered: proxyModes })
  const own = optionsText((await installerOf(cni, cniOptions)).options)
  if (options === undefined || optionsText((await installerOf(cni, options)).options) === own) return
  const known = await Promise.all(cnis.map((name) => installerOf(name)))
  const what = `with "--cni-option ${optionsText(options)}"`
  if (own !== '') throw HOP_NOT_OFFERED({ what: `The lab "${id}", which asks for ${own} itself, ${what}`, offered: [`"--cni ${cni}" without that option`] })
  if (known.every(({ capabilities }) => capabilities.overlay !== undefined)) throw HOP_NOT_OFFERED({ what: `The lab "${id}", which is proven with a tunnel between nodes only, ${what}`, offered: [`"--cni ${cni}" without that option`] })
}
