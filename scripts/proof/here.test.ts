import { expect, test } from 'vitest'
import { provableHere } from './here.ts'

test('proofs on a network that cannot be installed here are left out, and that is told once', async () => {
  const said: string[] = []
  const cells = (['flannel', 'weave', 'flannel', 'weave'] as const).map((cni, index) => ({ cni, index }))
  const asked: string[] = []
  const ask = async (cni: string): Promise<string | undefined> => { asked.push(cni); return cni === 'weave' ? 'No image. Build it.' : undefined }
  expect(await provableHere(cells, ask, (line) => said.push(line))).toEqual([{ cni: 'flannel', index: 0 }, { cni: 'flannel', index: 2 }])
  expect([asked, said]).toEqual([['flannel', 'weave'], ['weave is left out: No image. Build it.']])
})
