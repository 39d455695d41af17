/** Where the scripts are in the containers, and where the folders of the node are there. */
export const places = { scripts: '/weave', database: '/var/lib/weave', plugins: '/host/opt/cni/bin', configs: '/host/etc/cni/net.d' } as const

/** A container has both kinds of iptables; the one that holds more of the node's rules is the one that kube-proxy and kubelet write. */
const iptablesKind = String.raw`
rules() { "iptables-$1-save" 2> /dev/null | grep -c '^-' || true; }
if [ "$(rules legacy)" -gt "$(rules nft)" ]; then kind=legacy; else kind=nft; fi
update-alternatives --set iptables "/usr/sbin/iptables-$kind" > /dev/null
`

/**
 * The router of a node. Takes NODE_NAME, NODE_ADDRESS, NODES, POD_SUBNET, DATABASE, PLUGINS, CONFLIST and WEAVE_PASSWORD from its environment; a password
 * that is empty is none.
 *
 * Peers that do not know each other each found a network of their own, and those never become one. So it waits until it has been told all others; and
 * more than half of all must agree on who owns which addresses.
 */
const router = String.raw`#!/bin/sh
set -eu
api=127.0.0.1:6784
export WEAVE_HTTP_ADDR=$api
# Without this weaver asks a server outside for newer versions.
export CHECKPOINT_DISABLE=1
database=$DATABASE/weave-net
${iptablesKind}
# A peer's name is an Ethernet address of its own making (7e: local, unicast), from the node's name: two nodes can have one machine-id, not one name.
name=7e:$(printf %s "$NODE_NAME" | sha256sum | cut -c 1-10 | sed 's/../&:/g; s/:$//')

# Sleeve adds 62 bytes to a packet: IPv4 20, UDP 8, one peer's name 6, two names and a length 14, Ethernet 14; encrypted 24 more.
uplink=$(ip -json address show | jq --arg own "$NODE_ADDRESS" '.[] | select(any(.addr_info[]?; .local == $own)).mtu')
mtu=$((uplink - 62))
[ -z "$WEAVE_PASSWORD" ] || mtu=$((mtu - 24))

# Addresses of all other nodes; fails when the API does not tell.
others() { kube-utils 2> /dev/null; }
wait_for_peers() {
  told=
  while :; do
    if peers=$(others); then known=$(($(printf %s "$peers" | wc -w) + 1)); else known=0; fi
    if [ "$known" -ge "$NODES" ] && [ "$known" -gt 0 ]; then return; fi
    # This peer has its share of the addresses already.
    if [ "$known" -gt 0 ] && [ -f "$database"data.db ]; then return; fi
    [ "$told" = "$known" ] || echo "$known of $NODES nodes are known"
    told=$known
    sleep 0.5
  done
}

# A peer that others have taken for gone has lost its share to them.
forget_lost_share() {
  if [ -f "$database"data.db ] && weaveutil get-db-flag "$database" peer-reclaim > /dev/null && kube-utils -check-peer-new -peer-name="$name"; then
    echo "$name is no peer any more: it begins anew"
    rm -f "$database"data.db
  fi
  weaveutil set-db-flag "$database" peer-reclaim ok
}

# weaver accepts what Pods send elsewhere before kube-proxy is asked. A Service without endpoints, which that refuses, was then sent on to the outside;
# and for two minutes later connections from the same port followed (conntrack), endpoints or not. So weaver's word is the last one.
let_kube_proxy_refuse() {
  iptables --wait --delete FORWARD --in-interface weave ! --out-interface weave --jump ACCEPT
  iptables --wait --append FORWARD --in-interface weave ! --out-interface weave --jump ACCEPT
}

# What a node needs to connect Pods, in the order in which it has to be there.
connect_pods() {
  until curl --silent --fail --max-time 2 --output /dev/null $api/status; do sleep 0.2; done
  let_kube_proxy_refuse
  kube-utils -reclaim -node-name="$NODE_NAME" -peer-name="$name"
  # Answered when the peers have agreed on who owns which addresses, and not before. The node takes one, as the gateway of its Pods.
  address=$(curl --silent --show-error --fail --request POST $api/ip/weave:expose)
  curl --silent --show-error --fail --request POST "$api/expose/$address"
  # A running plugin's file cannot be written to, only replaced.
  for plugin in weave-net weave-ipam; do
    cp "$(command -v weaveutil)" "$PLUGINS/$plugin.new"
    mv "$PLUGINS/$plugin.new" "$PLUGINS/$plugin"
  done
  jq --null-input '{ cniVersion: "0.3.0", name: "weave", plugins: [
    { name: "weave", type: "weave-net", hairpinMode: true }, { type: "portmap", capabilities: { portMappings: true }, snat: true }
  ] }' > "$CONFLIST.new"
  mv "$CONFLIST.new" "$CONFLIST"
  kube-utils -set-node-status -node-name="$NODE_NAME"
  echo "$NODE_NAME connects Pods, its own address is $address"
}

wait_for_peers
weaveutil netcheck "$POD_SUBNET" weave
# Services and policies are rules of iptables, and Pods of one node reach each other over the bridge.
sysctl --quiet --write net.bridge.bridge-nf-call-iptables=1
forget_lost_share
# Where this fails the router ends too, so that the kubelet begins the whole anew.
(
  trap 'kill -TERM $$' EXIT
  connect_pods
  kube-utils -run-reclaim-daemon -node-name="$NODE_NAME" -peer-name="$name" -log-level=warning
) &
# libpcap keeps 64 KiB for each frame it has taken from the bridge, so the default of 8 MiB holds 128. Measured here with six large bodies at a time to
# another node: 33448 segments had to be sent again and 10 of 64 DNS queries beside them were lost; with 64 MiB 44 segments and none of 242.
exec weaver --name="$name" --nickname="$NODE_NAME" --port=6783 --http-addr=$api --metrics-addr=127.0.0.1:6782 --docker-api= --no-dns --no-fastdp --bufsz=64 --datapath=datapath --mtu="$mtu" \
  --db-prefix="$database" --ipalloc-range="$POD_SUBNET" --ipalloc-init="consensus=$known" --expect-npc $peers
`

/**
 * Whether a node's router does its work: every peer it was told is connected, and the peers agree on who owns which addresses. What is missing it says
 * in one line, which becomes an event of its Pod. That weaver answers alone says nothing: it also does when it knows nobody.
 */
const ready = String.raw`#!/bin/sh
status=$(curl --silent --fail --max-time 2 127.0.0.1:6784/status) || { echo 'weaver does not answer'; exit 1; }
of() { printf '%s\n' "$status" | sed -n "s/^ *$1: *//p" | head -n 1; }
told=$(of Targets)
established=$(of Connections | sed -n 's/.*[( ]\([0-9]*\) established.*/\1/p')
addresses=$(printf '%s\n' "$status" | sed -n '/Service: ipam/,$s/^ *Status: *//p' | head -n 1)
lacking=
[ "$((established))" -ge "$told" ] || lacking="$((established)) of $told peers are connected; "
[ "$addresses" = ready ] || lacking="$lacking""addresses: $addresses; "
[ -s "$CONFLIST" ] || lacking="$lacking""Pods are not connected yet; "
[ -z "$lacking" ] || { echo "$lacking" | sed 's/; $//'; exit 1; }
`

/** The agent that enforces policies. What it refuses it reads from a pipe that ulogd writes to. */
const policies = String.raw`#!/bin/sh
set -eu
${iptablesKind}
[ -p /var/log/ulogd.pcap ] || { mkdir -p /var/log && mkfifo /var/log/ulogd.pcap; }
exec weave-npc --node-name="$NODE_NAME" --log-level=warning --metrics-addr=127.0.0.1:6781
`

/** All scripts by file name. They stand in a ConfigMap, so that a learner can read and change them. */
export const weaveScripts = { 'router.sh': router, 'ready.sh': ready, 'policies.sh': policies } as const
