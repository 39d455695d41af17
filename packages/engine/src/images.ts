/**
 * The value with every container image that is named like a key of `images` (no tag) replaced by its true reference.
 * Labs name our images without a tag, because the tag tells which source built them.
 */
export function withTrueImages<T>(value: T, images: Readonly<Record<string, string>>): T {
  return replaced(value, images) as T
}

function replaced(value: unknown, images: Readonly<Record<string, string>>): unknown {
  if (Array.isArray(value)) return value.map((item) => replaced(item, images))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) =>
    [key, key === 'image' && typeof inner === 'string' ? images[inner] ?? inner : replaced(inner, images)]))
}
