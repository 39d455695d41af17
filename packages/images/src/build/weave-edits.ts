/** One change of Weave's sources. */
interface Edit {
  /** Path in its module. */
  file: string
  from: string
  to: string
  /** How often `from` stands in the file. */
  times: number
}

/** Where a file is changed, its licence asks for a note of it. */
const note = '// Changed by hoplab.'

/** What keeps Weave Net 2.6.5 from being compiled today, from running on kernels without dummy links, or from keeping what comes at once; found on such a machine. */
export const weaveEdits: readonly Edit[] = [
  // A link that is removed at once, only there to raise the bridge's MTU: a cable serves as well as a dummy.
  {
    file: 'net/bridge.go', times: 1, from: 'dummy := &netlink.Dummy{LinkAttrs: netlink.NewLinkAttrs()}',
    to: `dummy := &netlink.Veth{LinkAttrs: netlink.NewLinkAttrs(), PeerName: "vethwedv"} ${note}`,
  },
  // The kernel's own size (212992 bytes) holds some 90 packets. While all questions of the matrix were asked at once on 2 cores, a worker lost 3869 of 64739 packets of
  // the tunnels there (RcvbufErrors); with this size none of 63635. The container is privileged, so the most that the kernel lets others have does not matter.
  {
    file: 'router/sleeve.go', times: 1, from: '\t// This makes sure all packets we send out do not have DF set\n',
    to: `\t${note}\n\terr = syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_RCVBUFFORCE, 4<<20)\n\tif err != nil {\n\t\treturn err\n\t}\n\n\t// This makes sure all packets we send out do not have DF set\n`,
  },
  // Kubernetes' client has lost this name of its core group.
  { file: 'prog/weave-npc/main.go', times: 2, from: 'client.Core().RESTClient()', to: `client.CoreV1().RESTClient()` },
  { file: 'prog/weave-npc/main.go', times: 1, from: 'package main\n', to: `package main ${note}\n` },
]

/** The text of a file with its edits. @throws TypeError when something to be changed stands there more or less often than it should: then it is another version */
export function edited(file: string, text: string): string {
  return weaveEdits.filter((edit) => edit.file === file).reduce((now, { from, to, times }) => {
    const found = now.split(from).length - 1
    if (found !== times) throw new TypeError(`${file}: "${from.trim()}" stands there ${found} times, not ${times}.`)
    return now.replaceAll(from, to)
  }, text)
}
