import { namePrefix } from '@hoplab/core'
import { $ } from 'zx'

/** Names of the containers and networks of ours that the engine has, running or not; each with its sort in front. */
export async function thingsOfOurs(): Promise<Set<string>> {
  const lists = await Promise.all([
    $({ quiet: true })`docker ps --all --filter name=^/?${namePrefix} --format ${'container {{.Names}}'}`,
    $({ quiet: true })`docker network ls --filter name=^${namePrefix} --format ${'network {{.Name}}'}`,
  ])
  return new Set(lists.flatMap((list) => list.stdout.split('\n').filter(Boolean)))
}
