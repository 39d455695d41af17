/**
 * Where lab files come from: a folder on disk, a bundle in a browser page.
 * Paths are relative to the root, with `/` between parts and without `.` or `..`.
 */
export interface LabFiles {
  /** Every file below `folder` (`''` = the root), sorted by path. Empty when there is no such folder. */
  list(folder: string): Promise<string[]>
  /** The whole file; undefined when there is none. */
  read(path: string): Promise<Uint8Array | undefined>
  /** The path as people can open it, for messages. */
  shown(path: string): string
}

/** Files held in memory, e.g. fetched by a page. Text is encoded as UTF-8. */
export function memoryFiles(files: Readonly<Record<string, string | Uint8Array>>): LabFiles {
  return {
    list: async (folder) => Object.keys(files).filter((path) => folder === '' || path.startsWith(`${folder}/`)).toSorted(),
    read: async (path) => {
      const content = Object.hasOwn(files, path) ? files[path] : undefined
      return typeof content === 'string' ? new TextEncoder().encode(content) : content
    },
    shown: (path) => path,
  }
}

/** The same files, and which of them have been read so far. */
export function recordingFiles(files: LabFiles): { files: LabFiles; read: ReadonlySet<string> } {
  const read = new Set<string>()
  return { read, files: { ...files, read: async (path) => { read.add(path); return await files.read(path) } } }
}
