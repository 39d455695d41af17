import type { FaultAction } from '@hoplab/model'
import { onNode } from './mutation.ts'

/**
 * Makes the node's kernel forget TCP requests that nobody answered: of one address and port, or all.
 *
 * It keeps for two minutes how such a request was translated, or that it was not (nf_conntrack_tcp_timeout_syn_sent), and a later one from the same port
 * follows that record past the rules that are back: it was lost without this, and answered with it (measured here, on Flannel). A Pod's ports come round
 * after some 3,000 connections to one address (measured here), so a fault that changes translation leaves this damage too.
 */
export const forgetUnanswered = (node: string, of?: { address: string; port: number }): FaultAction =>
  onNode(node, `conntrack -D -p tcp --state SYN_SENT${of ? ` -d ${of.address} --dport ${of.port}` : ''} >/dev/null 2>&1 || true`)
