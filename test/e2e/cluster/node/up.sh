#!/bin/bash
# The node tier's part of up.sh, which calls it with $state, $bin and $port.
# The node is a container in all but name: mounts, network, processes, IPC and
# host name of its own. The machine's files, routes, firewall and processes are
# never touched, and the end of one process is the end of the whole cluster.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib.sh"
if [ "$(id -u)" != 0 ]; then
  echo "up: the node tier needs root" >&2
  exit 1
fi
certificate apiserver-kubelet /O=system:masters/CN=apiserver-kubelet
certificate scheduler /CN=system:kube-scheduler
certificate proxy /O=system:node-proxier/CN=system:kube-proxy
certificate kubelet "/O=system:nodes/CN=system:node:$node_name" "DNS:$node_name,IP:$node_ip"

start node unshare --mount --propagation private --net --pid --ipc --uts --fork --kill-child --mount-proc \
  "$here/init.sh" "$state"

# relay NAME PORT INNER_PORT: 127.0.0.1:PORT out here is 127.0.0.1:INNER_PORT in
# there. Only a socket file crosses the border; init.sh holds its other end.
relay() {
  start "relay-$1" socat "TCP-LISTEN:$2,bind=127.0.0.1,reuseaddr,fork" "UNIX-CONNECT:$state/$1.sock"
}
relay api "$port"
relay registry "$((port + 1))"
relay plain-registry "$((port + 2))"
cat > "$state/outputs" << EOC
registry=$node_ip:5000
registryOutside=127.0.0.1:$((port + 1))
plainRegistry=$node_ip:5001
plainRegistryOutside=127.0.0.1:$((port + 2))
EOC

within 120 "the API server" api_ready "$port"
# Ready, and free of taints: the not-ready one goes a moment later.
node_usable() {
  [ "$(kubectl get node "$node_name" -o jsonpath='{.status.conditions[?(@.type=="Ready")].status}{.spec.taints}')" = True ]
}
within 120 "the node" node_usable
