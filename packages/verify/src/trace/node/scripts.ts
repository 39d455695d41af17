/** Every script prints lines `key base64` and ends with `end NONCE`; see `read-lines.ts`. bash, because only it has /dev/tcp. */
const common = String.raw`
say() { printf '%s ' "$1"; base64 -w0; echo; }
# The process that holds the Pod's sandbox lives as long as the Pod; systemd's cgroup driver writes the uid's dashes as underscores.
sandbox() { for f in $(grep -lsE "pod(${'$'}{1//-/[-_]})" /proc/[0-9]*/cgroup); do d=${'$'}{f%/cgroup}; read -r c 2>/dev/null < "$d/comm" && [ "$c" = pause ] && { echo "${'$'}{d#/proc/}"; return; }; done; }
into() { if [ "$1" = node ]; then shift; "$@"; else p=$(sandbox "$1"); shift; [ -n "$p" ] && nsenter -t "$p" -n "$@"; fi; }
inside() { if [ "$1" = node ]; then shift; exec "$@"; else p=$(sandbox "$1"); shift; [ -n "$p" ] && exec nsenter -t "$p" -n "$@"; fi; }
# A control packet is caught as it leaves, whoever answers; where a rule drops what arrives on lo, connect alone would wait two minutes for an answer.
knock() { into "$1" timeout 1 bash -c "</dev/tcp/127.0.0.1/$mark" 2>/dev/null; }
counters() { { iptables-save -c; } 2>/dev/null | say "$1-rules"; cat /proc/net/netstat 2>/dev/null | say "$1-kernel"; }
`

/**
 * Starts captures and sends the first control packet into each. `id seconds filter mark keep buffer packets place…`, a place being `node` or a Pod's uid.
 * They end by themselves after `seconds`, and their files go soon after, whoever is gone by then.
 */
export const beginScript = `${common}${String.raw`
id=$1 seconds=$2 filter=$3 mark=$4 keep=$5 buffer=$6 packets=$7; shift 7
dir=/tmp/hoplab-trace-$id; mkdir -p "$dir"
counters before
for place; do
  ( inside "$place" timeout "$seconds" tcpdump -i any -y LINUX_SLL2 --immediate-mode -Z root -n -s "$keep" -B "$buffer" -c "$packets" -U -w "$dir/$place.pcap" "$filter" ) </dev/null >/dev/null 2>"$dir/$place.said" &
  echo $! > "$dir/$place.pid"
done
( sleep $((seconds + 5)); rm -rf "$dir" ) </dev/null >/dev/null 2>&1 &
for place; do
  for i in $(seq 150); do grep -qs '^tcpdump: listening' "$dir/$place.said" && break; sleep 0.02; done
  knock "$place"
  say "said $place" < "$dir/$place.said"
done
echo "end $id"
`}`

/** Sends the request: `id nonce bound ports place url…`; attempt n may use the n-th four of the ports from `ports` on. */
export const askScript = `${common}${String.raw`
id=$1 nonce=$2 bound=$3 port=$4 place=$5; shift 5
dir=$(mktemp -d); run=; n=0
if [ "$place" != node ]; then p=$(sandbox "$place"); [ -n "$p" ] || { echo gone | say gone; echo "end $id"; exit; }; run="nsenter -t $p -n"; fi
for url; do
  ( $run curl -sS -o "$dir/$n.body" --max-filesize 65536 -m "$bound" --local-port "$port-$((port + 3))" -H "X-Hoplab-Nonce: $nonce.$n" -w '%{http_code} %{exitcode} %{local_port} %{num_connects}' "$url" > "$dir/$n.told" 2>/dev/null ) &
  n=$((n + 1)) port=$((port + 4))
done
wait
for i in $(seq 0 $((n - 1))); do say "told $i" < "$dir/$i.told"; head -c 4096 "$dir/$i.body" 2>/dev/null | say "body $i"; done
rm -rf "$dir"
echo "end $id"
`}`

/** Sends the last control packet into each capture, ends it and prints everything: `id mark ports place…`. */
export const finishScript = `${common}${String.raw`
id=$1 mark=$2 ports=$3; shift 3
dir=/tmp/hoplab-trace-$id
counters after
conntrack -L -p tcp 2>/dev/null | grep -E "sport=($ports) " | say conntrack
nft -j list table ip kube-proxy 2>/dev/null | say table
for place; do knock "$place"; done
bytes=$(printf '\\x%02x\\x%02x' $((mark / 256)) $((mark % 256)))
for place; do
  for i in $(seq 50); do LC_ALL=C grep -qsaP "(?s)\x7f\x00\x00\x01\x7f\x00\x00\x01..$bytes" "$dir/$place.pcap" && break; sleep 0.02; done
done
for place; do kill "$(cat "$dir/$place.pid")" 2>/dev/null; done
for place; do
  for i in $(seq 50); do grep -qs 'dropped by kernel' "$dir/$place.said" && break; sleep 0.02; done
  say "said $place" < "$dir/$place.said"
  say "pcap $place" < "$dir/$place.pcap"
  into "$place" ip -j address | say "links $place"
  into "$place" ip -4 neighbour show nud failed nud incomplete | say "neighbours $place"
done
rm -rf "$dir"
echo "end $id"
`}`
