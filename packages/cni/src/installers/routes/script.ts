/**
 * The whole plugin: what a node needs so that its Pods reach those of other nodes, in the order in which it has to be there. It stands in a ConfigMap,
 * so that a learner can read and change it. Takes NODE_NAME, POD_SUBNET and CONFLIST from its environment.
 *
 * It acts when the list of Nodes changes and at no other time: what somebody changes on a node stays changed, as with flanneld.
 */
export const routesScript = String.raw`#!/bin/sh
set -u
account=/var/run/secrets/kubernetes.io/serviceaccount
api=https://$KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT/api/v1

# NAME RANGE ADDRESS of every node to which Kubernetes has given a range for its Pods.
nodes() {
  answer=$(curl --silent --show-error --fail --max-time 5 --cacert $account/ca.crt --header "Authorization: Bearer $(cat $account/token)" "$api/nodes") || return 1
  printf '%s' "$answer" | jq --raw-output '.items[] | select(.spec.podCIDR)
    | [.status.addresses[]? | select(.type == "InternalIP" and (.address | contains(":") | not)).address][0] as $address | select($address)
    | "\(.metadata.name) \(.spec.podCIDR) \($address)"' | sort
}

# One route per other node: its Pods are behind its address. Ours carry the protocol number 114, so that those to nodes that are gone are found (ip-route(8)).
route_to_others() {
  ranges=
  while read -r name range address; do
    [ "$name" != "$NODE_NAME" ] || continue
    ip route replace "$range" via "$address" proto 114 || return 1
    ranges="$ranges $range "
  done <<LIST
$1
LIST
  for range in $(ip route show type unicast proto 114 | cut -d ' ' -f 1); do
    case $ranges in *" $range "*) ;; *) ip route del "$range" proto 114 ;; esac
  done
}

# An address of this node's range that no Pod has is nowhere else either: without this such a packet would follow the default route.
end_here() { ip route replace unreachable "$1" proto 114; }

# Packets that leave the Pods' range get the node's address: nobody outside knows a way back to a Pod.
masquerade() {
  iptables-restore --wait --noflush <<RULES || return 1
*nat
:ROUTES-MASQ - [0:0]
-A ROUTES-MASQ -d $POD_SUBNET -j RETURN
-A ROUTES-MASQ -j MASQUERADE
COMMIT
RULES
  iptables --wait -t nat -C POSTROUTING -s "$1" -j ROUTES-MASQ 2> /dev/null || iptables --wait -t nat -A POSTROUTING -s "$1" -j ROUTES-MASQ
}

# From this file the container runtime knows how to connect a Pod; with it the Node becomes Ready. It appears whole, and last.
connect_pods() {
  mtu=$(ip -json address show | jq --arg own "$2" '.[] | select(any(.addr_info[]?; .local == $own)).mtu')
  jq --null-input --arg range "$1" --argjson mtu "$mtu" '{ cniVersion: "0.3.1", name: "routes", plugins: [
    { type: "ptp", mtu: $mtu, ipam: { type: "host-local", ranges: [[{ subnet: $range }]], routes: [{ dst: "0.0.0.0/0" }] } },
    { type: "portmap", capabilities: { portMappings: true } }
  ] }' > "$CONFLIST.new" && mv "$CONFLIST.new" "$CONFLIST"
}

follow() {
  own=$(printf '%s\n' "$1" | grep "^$NODE_NAME ") || return 1
  range_here=$(echo "$own" | cut -d ' ' -f 2)
  route_to_others "$1" && end_here "$range_here" && masquerade "$range_here" && connect_pods "$range_here" "$(echo "$own" | cut -d ' ' -f 3)"
}

trap 'exit 0' TERM INT
known=
while :; do
  now=$(nodes) || now=
  if [ -n "$now" ] && [ "$now" != "$known" ] && follow "$now"; then
    known=$now
    printf 'the network follows:\n%s\n' "$now"
  fi
  if [ -n "$known" ]; then sleep 5 & else sleep 0.3 & fi
  wait $!
done
`
