// Builds the site into dist/ (or the folder given). Astro's telemetry is off before Astro is loaded.
import { resolve } from 'node:path'

process.env.ASTRO_TELEMETRY_DISABLED = '1'
const { build } = await import('astro')
const [out] = process.argv.slice(2)
await build({ root: import.meta.dirname, logLevel: 'warn', ...(out ? { outDir: resolve(out) } : {}) })
