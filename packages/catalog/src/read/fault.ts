import { faultFile } from '@hoplab/model'
import type { LoadedFault } from '../loaded-lab.ts'
import { typed } from '../source/typed-file.ts'
import { readDocument } from './case.ts'
import type { Reading } from './reading.ts'
import { readVerbs } from './verbs.ts'

/** A fault folder: `fault.yaml` and the manifests it names. @throws what reading its files throws */
export async function readFault(folder: string, reading: Reading): Promise<LoadedFault> {
  const document = await readDocument(`${folder}/fault.yaml`, reading, 'to describe the fault')
  const file = typed(faultFile, document)
  const name = folder.split('/').at(-1) ?? folder
  const fault: LoadedFault = {
    name, n: Number(/^\d+/u.exec(name)?.[0] ?? 0), title: file.title, layer: file.layer, expect: file.expect, in: file.in, on: file.on, proxyModes: file.proxyModes,
    ...(file.cnis === undefined ? {} : { cnis: file.cnis }),
    ...(file.otherwise === undefined ? {} : { otherwise: file.otherwise }),
    ...(file.firstBrokenHop === undefined ? {} : { firstBrokenHop: file.firstBrokenHop }),
    do: await readVerbs(file.do, folder, document, ['do'], reading),
    undo: file.undo === 'auto' ? [] : await readVerbs(file.undo, folder, document, ['undo'], reading),
  }
  reading.sources.note(fault, document)
  return fault
}
