import { parseSync } from 'oxc-parser'

/**
 * A TypeScript source without its comments and the white space before each: what of it can decide a verdict.
 * Throws a SyntaxError with the path when it cannot be read, for then nobody can tell what is a comment.
 */
export function codeOf(path: string, text: string): string {
  const { comments, errors } = parseSync(path, text)
  if (errors[0]) throw new SyntaxError(`${path}: ${errors[0].message}`)
  let [code, from] = ['', 0]
  for (const { start, end } of comments) {
    code += text.slice(from, start).trimEnd()
    from = end
  }
  return `${code}${text.slice(from)}`.trimStart()
}
