import type { Language } from '@hoplab/model'

/** Words of the pages themselves; each language has all of them, or this file does not compile. */
const english = {
  site: 'hoplab', tagline: 'Kubernetes networking, one hop at a time',
  intro: 'Hands-on labs on a real cluster. In each one something is broken, and your work is judged by evidence.',
  labs: 'Labs', section: 'Section', steps: 'Steps', step: 'Step', minutes: 'minutes', points: 'points', point: 'point', nodes: 'nodes',
  networks: 'Networks it is proven on', questions: 'Questions', checks: 'What is checked', unscored: 'not scored', hints: 'Hints', hint: 'Hint', costs: 'costs', free: 'free',
  previous: 'Previous', next: 'Next', wayIn: 'The way in', otherLanguage: 'This page in', skip: 'Skip to the text', where: 'Where you are', begin: 'Set the lab up with this command:',
  claims: 'What the notes say, and what proves it',
  claimsIntro: 'Every sentence of the revision notes. A sentence is proven where a check of a lab shows it, and a fault or a wrong answer of the same lab makes that check fail. The others are open.',
  proven: 'proven', open: 'open', partly: 'open, proven in part', precisely: 'Precisely', shownBy: 'Shown by', failsIn: 'It fails when', missing: 'Still to be proven', inEnglish: 'In English',
}

const hinglish: Record<keyof typeof english, string> = {
  site: 'hoplab', tagline: 'Kubernetes networking, ek ek hop karke',
  intro: 'Asli cluster par hands-on labs. Har lab me kuch toota hua hai, aur grading saboot dekh kar hoti hai.',
  labs: 'Labs', section: 'Section', steps: 'Steps', step: 'Step', minutes: 'minute', points: 'points', point: 'point', nodes: 'nodes',
  networks: 'In networks par parkha gaya', questions: 'Sawaal', checks: 'Kya check hota hai', unscored: 'points nahi', hints: 'Hints', hint: 'Hint', costs: 'keemat', free: 'muft',
  previous: 'Pichhla', next: 'Agla', wayIn: 'Shuruaat', otherLanguage: 'Yahi page is bhasha me:', skip: 'Seedhe text par jao', where: 'Aap yahan hain', begin: 'Lab is command se set up hota hai:',
  claims: 'Notes kya kehte hain, aur wo kisse saabit hota hai',
  claimsIntro: 'Revision notes ka har sentence. Sentence saabit tab hai jab lab ka koi check use dikhata hai, aur usi lab ke kisi fault ya galat jawab se wo check fail hota hai. Baaki abhi open hain.',
  proven: 'saabit', open: 'open', partly: 'open, thoda saabit', precisely: 'Theek se kahein to', shownBy: 'Isse dikhta hai', failsIn: 'Fail hota hai jab', missing: 'Abhi saabit karna baaki', inEnglish: 'English me',
}

/** The words in one language. */
export const wording: Record<Language, Record<keyof typeof english, string>> = { en: english, 'hi-Latn': hinglish }
