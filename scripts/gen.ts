/** Everything of `pnpm gen` that is written here, one file after another; each reads `--check` itself. */
await import('./proof-matrix.ts')
await import('./readme-networks.ts')
