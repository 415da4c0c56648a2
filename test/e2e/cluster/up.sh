#!/bin/bash
# usage: up.sh fast|node STATE_DIR BIN_DIR [OWNER_PID]      ends with down.sh STATE_DIR
#   fast  etcd, kube-apiserver and kube-controller-manager on 127.0.0.1; any user
#   node  those, scheduler, kubelet, kube-proxy, containerd and two registries, in
#         namespaces of their own; root, and the packages that install.sh names
# STATE_DIR must not exist yet, have a short path (it holds sockets, whose paths
# end at 108 bytes) and lie outside /run, /var/lib and /var/log. BIN_DIR is what
# build.sh printed; for `fast` the KUBEBUILDER_ASSETS of envtest will do as well.
# With OWNER_PID the cluster goes down by itself when that process has ended.
# Prints NAME=VALUE lines: kubeconfig; for `fast` the socket to which it sends what is for services, and the authority
# of its client certificate; for `node` where its registries are.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
tier=${1:?tier} state=$(realpath -m "${2:?state}") bin=$(realpath "${3:?bin}") owner=${4:-}
export state bin
. "$here/lib.sh"
case $tier:$state in
  fast:*) ;;
  node:/run/* | node:/var/lib/* | node:/var/log/*) echo "up: $state is hidden from the node" >&2; exit 2 ;;
  node:*) [ ${#state} -le 80 ] || { echo "up: $state is too long for sockets" >&2; exit 2; } ;;
  *) echo "up: no tier $tier" >&2; exit 2 ;;
esac
mkdir "$state" "$state/log"
on_exit() {
  [ "$1" != 0 ] || return 0
  if [ -n "${MC_E2E_LOGS:-}" ]; then
    mkdir -p "$MC_E2E_LOGS/$tier" && cp -r "$state/log/." "$MC_E2E_LOGS/$tier/"
  fi
  "$here/down.sh" "$state"
}
trap 'on_exit $?' EXIT
[ -z "$owner" ] || start guard "$here/guard.sh" "$owner" "$state"

authority
port=$(free_ports 3)
kubeconfig admin "$port"
if [ "$tier" = node ]; then
  export port
  "$here/node/up.sh"
else
  etcd $((port + 1)) $((port + 2))
  # A loopback address may not be an endpoint of the service `kubernetes`, so it has none.
  flags=(--bind-address 127.0.0.1 --endpoint-reconciler-type none)
  # Services have no addresses here: what goes to one goes to whoever listens on a socket.
  cat > "$state/egress.yaml" << EOC
apiVersion: apiserver.k8s.io/v1beta1
kind: EgressSelectorConfiguration
egressSelections:
- name: cluster
  connection: {proxyProtocol: HTTPConnect, transport: {uds: {udsName: $state/egress.sock}}}
EOC
  flags+=(--egress-selector-config-file "$state/egress.yaml")
  printf '%s\n' "egressSocket=$state/egress.sock" "frontProxyCa=$state/pki/front-proxy-ca.crt" > "$state/outputs"
  # Without a controller manager nobody makes service accounts, so none may be asked for.
  [ -x "$bin/kube-controller-manager" ] || flags+=(--disable-admission-plugins ServiceAccount)
  apiserver "$port" $((port + 1)) "${flags[@]}"
  within 120 "the API server" api_ready "$port"
  [ ! -x "$bin/kube-controller-manager" ] || controller_manager "$port"
fi
# No pod gets into a namespace before its service account is there.
[ ! -x "$bin/kube-controller-manager" ] || within 60 "a service account" kubectl get serviceaccount default
echo "kubeconfig=$state/admin.kubeconfig"
[ ! -e "$state/outputs" ] || cat "$state/outputs"
