import type { KubeObject } from '@hoplab/kube'

/**
 * The object with every container image that is named like a key of `images` (no tag) replaced by its true reference.
 * Labs name our images without a tag, because the tag tells which source built them.
 */
export function withTrueImages(object: KubeObject, images: Readonly<Record<string, string>>): KubeObject {
  return replaceImages(object, images) as KubeObject
}

function replaceImages(value: unknown, images: Readonly<Record<string, string>>): unknown {
  if (Array.isArray(value)) return value.map((item) => replaceImages(item, images))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) =>
    [key, key === 'image' && typeof inner === 'string' ? images[inner] ?? inner : replaceImages(inner, images)]))
}
