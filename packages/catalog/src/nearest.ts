import { distance } from 'fastest-levenshtein'

/** The known name that `asked` was most likely meant to be; undefined when none is within a third of its length (at least 2 edits). */
export function nearest(asked: string, known: Iterable<string>): string | undefined {
  const letters = (text: string): string => [...text.toLowerCase()].toSorted().join('')
  const ranked = [...new Set(known)]
    .map((name) => ({ name, edits: distance(asked.toLowerCase(), name.toLowerCase()), swaps: distance(letters(asked), letters(name)) }))
    // Of names equally near, the one with the same letters: swapped neighbours are the most common slip.
    .toSorted((a, b) => a.edits - b.edits || a.swaps - b.swaps || (a.name < b.name ? -1 : 1))
  const [best] = ranked
  return best && best.edits <= Math.max(2, Math.floor(asked.length / 3)) ? best.name : undefined
}
