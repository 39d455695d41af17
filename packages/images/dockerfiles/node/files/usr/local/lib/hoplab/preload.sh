#!/bin/sh
# Puts the images of an archive into containerd's store: run once, while the image is built.
set -eu
containerd --log-level warn &
daemon=$!
tries=0
until ctr version > /dev/null 2>&1; do
  tries=$((tries + 1))
  [ "$tries" -lt 150 ] || { echo 'containerd did not answer within 30 s' >&2; exit 1; }
  sleep 0.2
done
ctr --namespace k8s.io images import --no-unpack "$1"
ctr --namespace k8s.io images list --quiet
kill "$daemon"
wait "$daemon" || true
rm -f "$1"
