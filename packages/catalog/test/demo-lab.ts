import { memoryFiles, type LabFiles } from '../src/index.ts'

const title = 'title: { en: A, hi-Latn: B }'
const hints = Array.from({ length: 3 }, (_, cost) => `      - { cost: ${cost}, text: { en: Look, hi-Latn: Dekho } }`).join('\n')

const lab = `id: demo
section: 1
${title}
summary: { en: A, hi-Latn: B }
minutes: 5
workers: 1
cnis: [flannel]
namespaces: [demo]
nodeCommands: [ip]
steps:
  - id: first
    ${title}
    text: 01-first
    hints:
${hints}
    questions:
      - { key: who, prompt: { en: Who, hi-Latn: Kaun } }
    checks:
      - id: answers
        kind: reach
        ${title}
        points: 3
        from: { pod: { name: client } }
        to: { service: web, port: 80 }
      - id: who
        kind: answer
        ${title}
        points: 1
        key: who
        truth: { equals: web }
  - id: second
    ${title}
    text: 02-second
    after: [first]
    hints:
${hints}
    checks:
      - id: name
        kind: dns
        ${title}
        needs: [answers]
        from: { node: worker-1 }
        name: web
        expect: { clusterIpOf: { service: web } }
`

const manifest = `apiVersion: v1
kind: Pod
metadata:
  name: web
  labels: { app: web }
spec:
  containers:
    - name: web
      image: hoplab/echo
      ports: [{ containerPort: 8080 }]
---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector: { app: wbe }
  ports: [{ port: 80, targetPort: 8080 }]
`

const mend = `- patch: { apiVersion: v1, kind: Service, name: web }
  value: { spec: { selector: { app: web } } }
`

const fault = `${title}
layer: node
do:
  - node: worker-1
    argv: [ip, link]
undo:
  - node: worker-1
    argv: [ip, link]
expect:
  answers: fail
  who: pass
  name: skipped
`

/** A lab that keeps every rule, as path → text. */
export function demoLab(): Record<string, string | Uint8Array> {
  const files: Record<string, string> = { '01-demo/lab.yaml': lab, '01-demo/manifests/web.yaml': manifest }
  for (const text of ['01-first', '02-second']) for (const language of ['en', 'hi-Latn']) files[`01-demo/steps/${text}.${language}.md`] = `# ${text}\n`
  for (const name of ['1-one', '2-two']) Object.assign(files, { [`01-demo/solutions/${name}/case.yaml`]: `${title}\n`, [`01-demo/solutions/${name}/steps.yaml`]: mend })
  for (const name of ['1-one', '2-two', '3-three']) {
    Object.assign(files, { [`01-demo/near-misses/${name}/case.yaml`]: `${title}\ncaughtBy: [answers, who]\n`, [`01-demo/near-misses/${name}/answers.yaml`]: 'who: web\n' })
    files[`01-demo/faults/${name}/fault.yaml`] = fault
  }
  return files
}

/** The demo lab with one edit: `replace` in `file` becomes `by` (first place only); `by` undefined removes the file. */
export function editedLab(file: string, replace?: string, by?: string): { files: LabFiles; text: string } {
  const all = demoLab()
  const before = String(all[file] ?? '')
  if (replace !== undefined && by !== undefined) {
    if (!before.includes(replace)) throw new Error(`"${replace}" is not in ${file}`)
    all[file] = before.replace(replace, () => by)
  } else if (replace === undefined && by !== undefined) all[file] = by
  else delete all[file]
  return { files: memoryFiles(all), text: String(all[file] ?? '') }
}
