import { plainText } from '@hoplab/core'
import rehypeSanitize from 'rehype-sanitize'
import rehypeStringify from 'rehype-stringify'
import remarkParse from 'remark-parse'
import remarkRehype from 'remark-rehype'
import { unified } from 'unified'

// Raw HTML is left out by remark-rehype; rehype-sanitize allows GitHub's list of elements and only http(s) and mailto links.
const processor = unified().use(remarkParse).use(remarkRehype).use(rehypeSanitize).use(rehypeStringify)

/** Markdown of a lab as HTML that cannot do anything: no raw HTML, no script links, no hidden or reordering characters. */
export async function safeHtml(markdown: string): Promise<string> {
  return String(await processor.process(plainText(markdown)))
}

/** One line of Markdown (a title, a hint) as HTML without its paragraph. */
export async function safeLine(markdown: string): Promise<string> {
  return (await safeHtml(markdown)).replace(/^<p>([\s\S]*)<\/p>\s*$/u, '$1')
}
