import { type CniOptions, cniOptions, optionValues } from '@hoplab/model'
import type { CommandContext } from './context.ts'
import { HOP_USAGE } from './errors.ts'

/** The options that `--cni-option` names for this CNI; undefined when it was not given. Nothing is created. @throws HOP_USAGE, which names the part that is wrong */
export function askedOptions({ flags }: Pick<CommandContext, 'flags'>, cni: string): CniOptions | undefined {
  const given = flags.cniOption
  if (!Array.isArray(given)) return undefined
  const offered = optionValues(cni)
  const pairs = (given as string[]).map((one) => pairOf(one.trim(), cni, offered))
  const twice = pairs.find(([key], index) => pairs.findIndex(([other]) => other === key) !== index)
  if (twice) throw HOP_USAGE({ said: `--cni-option names "${twice[0]}" twice.`, fix: 'Name each option once.' })
  const parsed = cniOptions.safeParse({ [cni]: Object.fromEntries(pairs) })
  if (!parsed.success) throw HOP_USAGE({ said: `--cni-option ${parsed.error.issues.map(({ path, message }) => `${path.slice(1).join('.')} ${message}`).join('; ')}.`, fix: `Write e.g. "--cni ${cni} --cni-option ${exampleOf(offered)}".` })
  return parsed.data
}

type Offered = ReturnType<typeof optionValues>

function pairOf(text: string, cni: string, offered: Offered): [key: string, value: string | boolean] {
  const keys = Object.keys(offered)
  if (keys.length === 0) throw HOP_USAGE({ said: `The CNI "${cni}" has no options, and "--cni-option ${text}" was given.`, fix: 'Leave it out.' })
  const [, key = '', value = ''] = /^([^=]*)=(.*)$/u.exec(text) ?? []
  const values = Object.hasOwn(offered, key) ? offered[key] : undefined
  if (values === undefined) throw HOP_USAGE({ said: `--cni-option "${text}" names no option of ${cni}: it has ${keys.join(', ')}.`, fix: `Write e.g. "--cni ${cni} --cni-option ${exampleOf(offered)}".` })
  if (!values.includes(value)) throw HOP_USAGE({ said: `--cni-option "${text}": ${key} of ${cni} is one of ${values.join(', ')}.`, fix: `Write e.g. "--cni ${cni} --cni-option ${key}=${values.at(-1)}".` })
  return [key, value === 'true' || value === 'false' ? value === 'true' : value]
}

const exampleOf = (offered: Offered): string => Object.entries(offered).slice(0, 1).map(([key, values]) => `${key}=${values.at(-1)}`).join('')
