import { HOP_LAB_FILE_MISSING, HOP_LAB_MANIFEST_INVALID, HOP_LAB_VALUE_INVALID } from '../errors.ts'
import type { ManifestObject } from '../loaded-lab.ts'
import { readText } from '../source/text-file.ts'
import { parseYaml, type YamlDocument } from '../source/yaml-file.ts'
import type { Position } from '@hoplab/core'
import { documentWithLive } from './live.ts'
import type { Reading } from './reading.ts'

/** Kinds of the core groups that live in no namespace (Kubernetes API reference). */
export const clusterScopedKinds: ReadonlySet<string> = new Set([
  'Namespace', 'Node', 'PersistentVolume', 'StorageClass', 'IngressClass', 'GatewayClass', 'PriorityClass', 'RuntimeClass', 'ClusterRole', 'ClusterRoleBinding',
  'CustomResourceDefinition', 'APIService', 'ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration', 'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding', 'CSIDriver', 'CSINode', 'VolumeAttachment', 'ServiceCIDR', 'IPAddress', 'CertificateSigningRequest',
])

/** The objects of one manifest file, in order; empty documents are left out. @throws HOP_LAB_MANIFEST_INVALID and what reading throws */
export async function readManifestFile(path: string, reading: Reading, wanted: { for: string; at?: Position }): Promise<ManifestObject[]> {
  const documents = parseYaml(reading.files.shown(path), await readText(reading.files, path, wanted))
  return documents.filter((document) => document.value !== null).map((document) => manifestObject(documentWithLive(document, reading), reading))
}

/** The objects of every `.yaml`, `.yml` and `.json` file below a folder, by path. */
export async function readManifestFolder(folder: string, reading: Reading): Promise<ManifestObject[]> {
  const paths = (await reading.files.list(folder)).filter((path) => /\.(ya?ml|json)$/u.test(path))
  const objects: ManifestObject[] = []
  for (const path of paths) objects.push(...await readManifestFile(path, reading, { for: 'as a manifest' }))
  return objects
}

/** A file or folder that is named beside `folder`; it must not lead out of it. @throws HOP_LAB_VALUE_INVALID, HOP_LAB_FILE_MISSING */
export async function readManifestsAt(folder: string, name: string, reading: Reading, at: Position): Promise<ManifestObject[]> {
  const inside = insidePath(folder, name)
  if (inside === undefined) {
    throw HOP_LAB_VALUE_INVALID({ file: at.file, field: name, problem: 'must be a path inside its own folder, without ".."' }, { position: at })
  }
  if ((await reading.files.list(inside)).length > 0) return await readManifestFolder(inside, reading)
  if (await reading.files.read(inside) === undefined) {
    throw HOP_LAB_FILE_MISSING({ file: reading.files.shown(inside), neededFor: 'by "apply"' }, { position: at })
  }
  return await readManifestFile(inside, reading, { for: 'by "apply"', at })
}

function insidePath(folder: string, name: string): string | undefined {
  const parts = name.split('/').filter((part) => part !== '.' && part !== '')
  return name.startsWith('/') || name.includes('\\') || parts.includes('..') || parts.length === 0 ? undefined : [folder, ...parts].join('/')
}

function manifestObject(document: YamlDocument, { sources, defaultNamespace }: Reading): ManifestObject {
  const refuse = (problem: string, path: readonly string[]): never => {
    throw HOP_LAB_MANIFEST_INVALID({ problem: `A document in "${document.file}" ${problem}.`, fix: 'Complete or remove it.' }, { position: document.at(path) })
  }
  const object = document.value as ManifestObject
  if (typeof object !== 'object' || Array.isArray(object)) return refuse('is not an object', [])
  for (const key of ['apiVersion', 'kind'] as const) if (typeof object[key] !== 'string') return refuse(`has no ${key}`, [key])
  if (object.kind === 'List') return refuse('is a List; write each object as a document of its own', ['kind'])
  if (typeof object.metadata?.name !== 'string') return refuse('has no metadata.name', ['metadata'])
  if (object.metadata.namespace !== undefined && typeof object.metadata.namespace !== 'string') return refuse('has a namespace that is no text', ['metadata', 'namespace'])
  if (!clusterScopedKinds.has(object.kind)) object.metadata.namespace ??= defaultNamespace
  sources.note(object, document)
  return object
}
