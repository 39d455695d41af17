import { defineConfig } from 'astro/config'

/** Plain files that work from any folder of a web server; styles in files, so that the content policy can forbid inline ones. */
export default defineConfig({
  output: 'static',
  outDir: process.env.HOPLAB_DOCS_OUT ?? './dist',
  build: { inlineStylesheets: 'never', format: 'directory' },
  devToolbar: { enabled: false },
  trailingSlash: 'always',
})
