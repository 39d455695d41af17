#!/bin/sh
# Turns a Debian root into a node's: run once, while the image is built. Its argument-free run needs no privilege.
set -eu

# Units that would fight with the engine over devices, mounts and the console.
rm -f /lib/systemd/system/sysinit.target.wants/systemd-tmpfiles-setup.service
rm -f /lib/systemd/system/multi-user.target.wants/* /lib/systemd/system/local-fs.target.wants/* /lib/systemd/system/basic.target.wants/*
find /etc/systemd/system -path '*.wants/*' \( -type l -o -type f \) -delete
rm -f /lib/systemd/system/sockets.target.wants/*udev* /lib/systemd/system/sockets.target.wants/*initctl*
echo 'ReadKMsg=no' >> /etc/systemd/journald.conf
# The table of binary formats belongs to the host's kernel.
systemctl mask systemd-binfmt.service
systemctl enable kubelet.service containerd.service

# Where kubelet and kind look for them.
ln -sf /usr/bin/containerd /usr/local/bin/containerd
mkdir -p /opt/cni/bin /etc/cni/net.d /etc/kubernetes/manifests /kind/manifests
cp /usr/lib/cni/* /opt/cni/bin/
kubelet --version | sed 's/^Kubernetes //' > /kind/version

# containerd 1.6 would take over limits of its own process; Pods get the engine's.
ctr oci spec | jq 'del(.process.rlimits)' > /etc/containerd/cri-base.json

# Baked in, one machine-id would be every node's.
rm -f /etc/machine-id /var/lib/dbus/machine-id
