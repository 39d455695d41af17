import { expect, test } from 'vitest'
import { safeHtml, safeLine } from '../src/reading/markdown.ts'

test('Markdown becomes HTML', async () => {
  expect(await safeHtml('# A\n\n`b` *c*')).toBe('<h1>A</h1>\n<p><code>b</code> <em>c</em></p>')
  expect(await safeLine('`b` c')).toBe('<code>b</code> c')
})

test.each([
  ['<script>alert(1)</script>', /script/u],
  ['<img src=x onerror=alert(1)>', /onerror|<img/u],
  ['[x](javascript:alert(1))', /javascript:/u],
  ['![x](data:text/html;base64,AAAA)', /data:/u],
  ['<details open ontoggle=alert(1)>x</details>', /ontoggle/u],
  ['a\u202Eb \u001B]0;title\u0007c', /[\u202E\u001B\u0007]/u],
])('foreign text does nothing: %j', async (markdown, forbidden) => {
  expect(await safeHtml(markdown)).not.toMatch(forbidden)
})
