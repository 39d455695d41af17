import { jsonSchemas } from '@hoplab/model'

/** Content of `labs/schema/<name>.json` by file name: what an editor needs to complete and check the files of a lab. */
export function schemaFiles(): Record<string, string> {
  return Object.fromEntries(Object.entries(jsonSchemas()).map(([name, schema]) => [`${name}.json`, `${JSON.stringify(schema, null, 2)}\n`]))
}
