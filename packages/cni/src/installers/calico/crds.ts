import type { KubeObject } from '@hoplab/kube'
import { parseAllDocuments } from 'yaml'
import { HOP_CNI_CRDS_UNREADABLE } from '../../errors.ts'

/**
 * The kinds that Calico adds to the API, from the YAML of its own module, as they are sent to an API server: without the status that it fills in.
 * @throws HOP_CNI_CRDS_UNREADABLE when the text is not whole or holds anything else
 */
export function crdsIn(text: string): KubeObject[] {
  const documents = parseAllDocuments(text)
  const broken = documents.find((document) => document.errors.length > 0)
  if (broken) throw HOP_CNI_CRDS_UNREADABLE({ cni: 'calico', said: broken.errors[0]?.message ?? '' })
  const objects = documents.map((document) => document.toJS() as KubeObject | null).filter((object) => object !== null)
  const odd = objects.find((object) => object.kind !== 'CustomResourceDefinition')
  if (odd || objects.length === 0) throw HOP_CNI_CRDS_UNREADABLE({ cni: 'calico', said: odd ? `It holds a ${String(odd.kind)}.` : 'It is empty.' })
  return objects.map(({ apiVersion, kind, metadata: { name }, spec }) => ({ apiVersion, kind, metadata: { name }, spec }))
}
