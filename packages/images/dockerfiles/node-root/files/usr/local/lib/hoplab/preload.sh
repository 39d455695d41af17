#!/bin/sh
# preload.sh ARCHIVE STORE: unpacks the images of an archive into this node, so that no cluster does it again. Run once, while the node image is
# made, in a privileged container; STORE is a volume, because overlays can be written on a disk but not on another overlay.
# The files go where the nodes of all clusters read them from one place. Below /var they would be copied into every node: kind makes that a volume.
set -eu
archive=$1 store=$2
files=/opt/hoplab/images
snapshots=io.containerd.snapshotter.v1.overlayfs/snapshots

containerd --log-level warn --root "$store" &
daemon=$!
tries=0
until ctr version > /dev/null 2>&1; do
  tries=$((tries + 1))
  [ "$tries" -lt 150 ] || { echo 'containerd did not answer within 30 s' >&2; exit 1; }
  sleep 0.2
done
ctr --namespace k8s.io images import "$archive"
ctr --namespace k8s.io images list --quiet
kill "$daemon"
wait "$daemon" || true
rm -f "$archive"

# containerd looks for a layer's archive before it trusts an image, and never reads it again once it is unpacked. A layer that removes a file of the one
# below would remove it from the node image's own layer instead, and Pods would see it again.
for blob in "$store"/io.containerd.content.v1.content/blobs/sha256/*; do
  if [ "$(head -c 1 "$blob")" = '{' ]; then continue; fi
  removed=$(tar -tf "$blob" | grep -m 1 -E '(^|/)\.wh\.' || true)
  [ -z "$removed" ] || { echo "a layer removes a file of the one below: $removed; make that image of one layer" >&2; exit 1; }
  : > "$blob"
done

mkdir -p "$files"
cp -a "$store/$snapshots/." "$files/"
rm -rf "${store:?}/$snapshots"
mkdir -m 700 "$store/$snapshots"
for snapshot in "$files"/*; do ln -s "$snapshot" "$store/$snapshots/${snapshot##*/}"; done
rm -rf /var/lib/containerd
cp -a "$store" /var/lib/containerd
