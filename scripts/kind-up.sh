#!/usr/bin/env bash
# Makes a kind cluster with the gate in it, built from this checkout. Needs docker, kind, kubectl and helm, and a machine
# that can pull images. Run again, it builds and installs anew; `kind delete cluster --name mc-gate` takes all of it away.
#
#   scripts/kind-up.sh [--policy FILE]      the policy document; policy/policy.yaml where absent
set -euo pipefail
cd "$(dirname "$0")/.."

readonly cluster=mc-gate image=mc-gate:dev
policy=policy/policy.yaml

usage() {
  sed -n '2,5p' "$0" | sed 's/^# \{0,1\}//'
}

while (($# > 0)); do
  case $1 in
    --policy) policy=${2:?--policy needs a file} && shift 2 ;;
    -h | --help) usage && exit 0 ;;
    *) printf 'unknown argument: %s\n\n' "$1" >&2 && usage >&2 && exit 12 ;;
  esac
done

missing=()
for program in docker kind kubectl helm npm; do
  command -v "$program" >/dev/null || missing+=("$program")
done
if ((${#missing[@]} > 0)); then
  printf 'not found: %s\n' "${missing[*]}" >&2
  exit 12
fi

[[ -d node_modules ]] || npm ci
npm run -s mc -- policy lint "$policy"
npm run -s build
docker build --tag "$image" .
kind get clusters | grep -qx "$cluster" || kind create cluster --name "$cluster" --config kind-config.yaml --wait 120s
kind load docker-image "$image" --name "$cluster"
helm upgrade --install mc-gate charts/mc-gate \
  --kube-context "kind-$cluster" --namespace mc-gate --create-namespace --wait --timeout 3m \
  --set image.repository="${image%:*}",image.tag="${image#*:}",image.pullPolicy=Never \
  --set-file policy.text="$policy"
# The tag stays the same from build to build, so that pods have to be told.
kubectl --context "kind-$cluster" --namespace mc-gate rollout restart deployment/mc-gate
kubectl --context "kind-$cluster" --namespace mc-gate rollout status deployment/mc-gate --timeout 2m

cat <<TEXT

The gate runs. Ask for it in a namespace, and try an image:

  kubectl --context kind-$cluster create namespace shop
  kubectl --context kind-$cluster label namespace shop mc-gate.dev/mode=enforce
  kubectl --context kind-$cluster -n shop run test --image=docker.io/library/nginx:latest
TEXT
