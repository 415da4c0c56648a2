#!/bin/bash
# usage: start.sh FOLDER
# Builds sigstore/policy-controller (the version of go.mod) and starts it on
# loopback, with etcd and an API server and no cluster. FOLDER is the --folder
# of a bench that ran once with the same fixed --registry-port. Prints what
# --peer takes. It always listens on 8443. End it by the pids in FOLDER/peer.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$(realpath "${1:?the folder of the bench}")
d=$folder/peer
mkdir -p "$d/home"
say() { echo "peer: $*" >&2; }

build() {
  cd "$here"
  say "building"
  go build -o "$d/webhook" github.com/sigstore/policy-controller/cmd/webhook >&2
  definitions=$(go list -m -f '{{.Dir}}' github.com/sigstore/policy-controller)/config
  PATH=$("$here/../../test/e2e/cluster/build.sh" kubernetes):$PATH
}

certificate() { # NAME SUBJECT SANS
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "$2" -keyout "$d/$1.key" -out "$d/$1.csr" 2> "$d/openssl.log"
  openssl x509 -req -in "$d/$1.csr" -CA "$d/ca.pem" -CAkey "$d/ca.key" -CAcreateserial -days 2 \
    -extfile <(echo "subjectAltName=$3") -out "$d/$1.pem" 2> "$d/openssl.log"
}

certificates() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=peer-bench \
    -keyout "$d/ca.key" -out "$d/ca.pem" 2> "$d/openssl.log"
  certificate apiserver /CN=kube-apiserver IP:127.0.0.1,IP:10.96.0.1,DNS:localhost
  openssl genrsa -out "$d/sa.key" 2048 2> "$d/openssl.log"
  openssl rsa -in "$d/sa.key" -pubout -out "$d/sa.pub" 2> "$d/openssl.log"
  local token; token=$(openssl rand -hex 16)
  echo "$token,admin,admin,system:masters" > "$d/tokens.csv"
  cat > "$d/kubeconfig" << K
apiVersion: v1
kind: Config
clusters: [{name: b, cluster: {server: "https://127.0.0.1:26443", certificate-authority: "$d/ca.pem"}}]
users: [{name: b, user: {token: "$token"}}]
contexts: [{name: b, context: {cluster: b, user: b}}]
current-context: b
K
}

control_plane() {
  rm -rf "$d/etcd"
  etcd --data-dir "$d/etcd" --listen-client-urls http://127.0.0.1:22379 --advertise-client-urls http://127.0.0.1:22379 \
    --listen-peer-urls http://127.0.0.1:22380 --initial-advertise-peer-urls http://127.0.0.1:22380 \
    --initial-cluster default=http://127.0.0.1:22380 --unsafe-no-fsync > "$d/etcd.log" 2>&1 &
  echo $! > "$d/etcd.pid"
  kube-apiserver --etcd-servers=http://127.0.0.1:22379 --bind-address=127.0.0.1 --advertise-address=127.0.0.1 \
    --secure-port=26443 --tls-cert-file="$d/apiserver.pem" --tls-private-key-file="$d/apiserver.key" --cert-dir="$d/api" \
    --token-auth-file="$d/tokens.csv" --authorization-mode=RBAC --service-cluster-ip-range=10.96.0.0/16 \
    --service-account-issuer=https://kubernetes.default.svc --service-account-key-file="$d/sa.pub" \
    --service-account-signing-key-file="$d/sa.key" --endpoint-reconciler-type=none \
    --disable-admission-plugins=ServiceAccount > "$d/apiserver.log" 2>&1 &
  echo $! > "$d/apiserver.pid"
  until_true 120 k get --raw /readyz
}

until_true() { # SECONDS COMMAND...
  local end=$((SECONDS + $1)); shift
  until "$@" > "$d/wait.log" 2>&1; do
    [ "$SECONDS" -lt "$end" ] || { say "not ready: $*"; cat "$d/wait.log" >&2; exit 1; }
    sleep 0.2
  done
}

k() { kubectl --kubeconfig "$d/kubeconfig" "$@"; }
make() { k create "$@" --dry-run=client -o yaml | k apply -f - >&2; }

objects() {
  make namespace cosign-system
  make namespace bench
  make serviceaccount default -n bench
  make configmap config-observability -n cosign-system --from-literal=metrics.backend-destination=prometheus
  for name in config-logging config-leader-election config-image-policies config-sigstore-keys; do
    make configmap $name -n cosign-system
  done
  make configmap config-policy-controller -n cosign-system --from-literal=no-match-policy=deny
  make secret generic webhook-certs -n cosign-system
  # Without conversion, the API server calls nobody back.
  for file in "$definitions"/300-*.yaml; do
    k patch --local -f "$file" --type merge -p '{"spec":{"conversion":{"strategy":"None","webhook":null}}}' -o json |
      k apply --server-side -f - >&2
  done
  configurations Validating policy.sigstore.dev validating.clusterimagepolicy.sigstore.dev
  configurations Mutating policy.sigstore.dev defaulting.clusterimagepolicy.sigstore.dev
}

# The webhook keeps these; reviews are posted straight to it, so nobody stands behind them.
configurations() { # KIND NAME...
  local kind=$1 name; shift
  for name; do
    k apply -f - >&2 << Y
apiVersion: admissionregistration.k8s.io/v1
kind: ${kind}WebhookConfiguration
metadata: {name: $name}
webhooks:
  - name: $name
    admissionReviewVersions: [v1]
    sideEffects: None
    failurePolicy: Ignore
    timeoutSeconds: 1
    namespaceSelector: {matchLabels: {policy.sigstore.dev/include: "true"}}
    clientConfig: {service: {name: webhook, namespace: cosign-system}}
Y
  done
}

webhook() {
  env -i PATH="$PATH" HOME="$d/home" KUBECONFIG="$d/kubeconfig" SSL_CERT_FILE="$folder/registry-ca.pem" \
    SYSTEM_NAMESPACE=cosign-system POD_NAME=bench WEBHOOK_NAME=webhook METRICS_DOMAIN=sigstore.dev/policy \
    CONFIG_LOGGING_NAME=config-logging CONFIG_OBSERVABILITY_NAME=config-observability \
    CONFIG_LEADERELECTION_NAME=config-leader-election KUBERNETES_MIN_VERSION=1.21.0 METRICS_PROMETHEUS_PORT=29090 \
    "$d/webhook" --disable-tuf > "$d/webhook.log" 2>&1 &
  echo $! > "$d/webhook.pid"
  until_true 60 curl -skf -H 'User-Agent: kube-probe/1' https://127.0.0.1:8443/
}

policy() {
  local key; key=$(sed 's/^/            /' "$folder/key.pem")
  k apply -f - >&2 << Y
apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata: {name: bench}
spec:
  mode: enforce
  images: [{glob: "$(cat "$folder/registry-host")/bench/**"}]
  authorities:
    - name: operations
      key:
        data: |
$key
Y
  sleep 3 # its reconcilers copy the policy into force
}

build
certificates
control_plane
objects
webhook
policy
echo "https://127.0.0.1:8443/validations?timeout=10s,$(cat "$d/webhook.pid")"
