import type { BuildOptions, ImageEngine, ImageFacts } from '../docker.ts'

/** An engine in memory: holds images by name, and remembers what was asked of it. */
export class FakeEngine implements ImageEngine {
  readonly images = new Map<string, ImageFacts>()
  readonly builds: BuildOptions[] = []
  readonly commands: string[] = []
  /** Called by `run`; throw here to make a sub-command fail. */
  onRun: (args: readonly string[]) => void = () => {}

  /** Puts an image in. */
  add(ref: string, facts: Partial<ImageFacts> = {}): void {
    this.images.set(ref, { ref, id: `sha256:${ref}`, bytes: 1, created: '2000-01-01T00:00:00Z', labels: {}, digests: [], ...facts })
  }
  async requireAnswer(): Promise<void> {}
  async inspect(ref: string): Promise<ImageFacts | undefined> { return this.images.get(ref) }
  async build(options: BuildOptions): Promise<void> {
    this.builds.push(options)
    this.add(options.ref, { labels: options.labels })
  }
  async run(args: readonly string[]): Promise<string> {
    this.commands.push(args.join(' '))
    this.onRun(args)
    const [verb, from = '', to = ''] = args
    if (verb === 'tag') this.add(to, { ...this.images.get(from), ref: to })
    if (verb === 'pull') {
      const name = args.at(-1) ?? ''
      this.add(name, { digests: name.includes('@') ? [name] : [] })
    }
    return ''
  }
}
