#!/bin/bash
# PID 1 of the node's namespaces. usage (from up.sh, with $bin and $port): init.sh STATE_DIR
set -euo pipefail
state=$1
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib.sh"
pids=$state/node/pids # as seen in here: of no use to down.sh, which ends this process
pod_cidr=10.244.0.0/24

own_files() {
  mkdir -p "$state"/node/{lib,cni,certs.d,sysctl}
  mount --make-rshared / # the kubelet's volumes must reach the containers
  mount -t tmpfs -o mode=755 tmpfs /run
  mount --bind "$state/node/lib" /var/lib
  mount --bind "$state/log" /var/log
  hostname "$node_name"
}

# The kubelet insists on these machine-wide settings. Show it files that say so,
# rather than change the machine.
shown_settings() {
  local setting file
  for setting in vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1 \
    kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000; do
    file=$state/node/sysctl/${setting##*/}
    echo "${setting#*=}" > "$file"
    mount --bind "$file" "/proc/sys/${setting%=*}"
  done
}

# An address on a bridge that leads nowhere. The API server runs here, so the
# service addresses need a route for it, before kube-proxy rewrites them.
own_network() {
  ip link set lo up
  ip link add node0 type bridge
  ip address add "$node_ip/24" dev node0
  ip link set node0 up
  ip route add "$service_cidr" dev node0
  echo 1 > /proc/sys/net/ipv4/ip_forward
  cat > "$state/node/cni/10-e2e.conflist" << EOC
{"cniVersion": "0.4.0", "name": "e2e", "plugins": [
  {"type": "ptp", "ipam": {"type": "host-local", "ranges": [[{"subnet": "$pod_cidr"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}
EOC
}

# A subtree of control groups, whose name is noted for down.sh. Pods share processor time with the node's programs, which
# are outside of it and may run with another niceness: as one group among these they would starve, as on no real node.
cgroup=/mc-gate-e2e-$port
own_cgroups() {
  local root=/sys/fs/cgroup hierarchy file
  echo "${cgroup#/}" > "$state/cgroup"
  if [ -e $root/cgroup.controllers ]; then
    mkdir "$root$cgroup"
    for file in $root/cgroup.subtree_control "$root$cgroup/cgroup.subtree_control"; do
      echo '+cpu +cpuset +memory +pids +io' > "$file"
    done
    echo 5000 > "$root$cgroup/cpu.weight"
    return
  fi
  for hierarchy in $root/*; do
    grep -q " $hierarchy cgroup " /proc/mounts || continue
    mkdir -p "$hierarchy$cgroup"
    for file in cpuset.cpus cpuset.mems; do
      [ ! -e "$hierarchy/$file" ] || cat "$hierarchy/$file" > "$hierarchy$cgroup/$file"
    done
    [ ! -e "$hierarchy$cgroup/cpu.shares" ] || echo 51200 > "$hierarchy$cgroup/cpu.shares"
  done
}

# capable NUMBER: does this process hold that capability?
capable() { [ $((16#$(awk '$1 == "CapEff:" { print $2 }' /proc/self/status) >> $1 & 1)) = 1 ]; }

# Without CAP_SYS_RESOURCE (24) runc may not lower oom_score_adj and fails with
# "can't get final child's PID from pipe: EOF"; containerd can leave it alone.
containers() {
  local restrict_oom=true
  ! capable 24 || restrict_oom=false
  cat > "$state/node/containerd.toml" << EOC
version = 2
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/pause:1"
  restrict_oom_score_adj = $restrict_oom
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$state/node/cni"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "$state/node/certs.d"
EOC
  local host
  for host in "$node_ip:5000" "$node_ip:5001"; do
    mkdir "$state/node/certs.d/$host"
    printf 'server = "http://%s"\n[host."http://%s"]\n  capabilities = ["pull", "resolve"]\n' "$host" "$host" \
      > "$state/node/certs.d/$host/hosts.toml"
  done
  start containerd containerd --config "$state/node/containerd.toml"
  "$here/image.sh" "$state/node/pause.tar" localhost/pause:1 "$bin/pause"
  within 30 containerd ctr version
  ctr -n k8s.io images import "$state/node/pause.tar" > /dev/null
}

registries() {
  start registry "$bin/registry" -addr 0.0.0.0:5000
  cat > "$state/node/distribution.yaml" << EOC
version: 0.1
log: {level: warn}
storage: {filesystem: {rootdirectory: $state/node/registry}}
http: {addr: "0.0.0.0:5001"}
EOC
  start plain-registry env OTEL_TRACES_EXPORTER=none "$bin/distribution" serve "$state/node/distribution.yaml"
}

# relay NAME PORT: the inner end of the relay in up.sh
relay() { start "relay-$1-inside" socat "UNIX-LISTEN:$state/$1.sock,fork" "TCP:127.0.0.1:$2"; }

control_plane() {
  local pki=$state/pki
  etcd 2379 2380
  apiserver "$port" 2379 --bind-address 0.0.0.0 --advertise-address "$node_ip" \
    --kubelet-certificate-authority "$pki/ca.crt" --kubelet-preferred-address-types InternalIP \
    --kubelet-client-certificate "$pki/apiserver-kubelet.crt" --kubelet-client-key "$pki/apiserver-kubelet.key"
}

scheduler() {
  kubeconfig scheduler "$port"
  start kube-scheduler "$bin/kube-scheduler" --kubeconfig "$state/scheduler.kubeconfig" --leader-elect=false --secure-port=0
}

kubelet() {
  kubeconfig kubelet "$port"
  cat > "$state/node/kubelet.yaml" << EOC
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
cgroupDriver: cgroupfs
cgroupRoot: $cgroup
failCgroupV1: false # since 1.35 version 1 is refused otherwise
protectKernelDefaults: true
failSwapOn: false
authentication:
  anonymous: {enabled: false}
  webhook: {enabled: true}
  x509: {clientCAFile: "$state/pki/ca.crt"}
authorization: {mode: Webhook}
tlsCertFile: $state/pki/kubelet.crt
tlsPrivateKeyFile: $state/pki/kubelet.key
resolvConf: ""
clusterDomain: cluster.local
evictionHard: {memory.available: 100Mi, nodefs.available: "1%", imagefs.available: "1%"}
imageGCHighThresholdPercent: 100
imageGCLowThresholdPercent: 99
EOC
  start kubelet "$bin/kubelet" --config "$state/node/kubelet.yaml" --kubeconfig "$state/kubelet.kubeconfig" \
    --hostname-override "$node_name" --node-ip "$node_ip"
}

proxy() {
  kubeconfig proxy "$port"
  cat > "$state/node/proxy.yaml" << EOC
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: nftables
clientConnection: {kubeconfig: "$state/proxy.kubeconfig"}
clusterCIDR: $pod_cidr
hostnameOverride: $node_name
conntrack: {maxPerCore: 0} # not writable in a network namespace
nftables: {minSyncPeriod: 50ms}
EOC
  start kube-proxy "$bin/kube-proxy" --config "$state/node/proxy.yaml"
}

own_files
shown_settings
own_network
own_cgroups
control_plane
registries
relay api "$port"
relay registry 5000
relay plain-registry 5001
containers
within 120 "the API server" api_ready "$port"
controller_manager "$port"
scheduler
kubelet
proxy
echo "node: everything is started"
while :; do wait -n || sleep 1; done # PID 1 also buries the shims' orphans
