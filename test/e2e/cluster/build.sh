#!/bin/bash
# usage: build.sh [UNIT...]
# Builds the programs that the end-to-end tests run, each a folder of ../tools,
# from Go modules with committed checksums, and prints the folder that holds
# them all under their own names. Without arguments: every unit.
#
# The results lie in MC_E2E_CACHE, or mc-gate-e2e in the user's cache folder,
# each under the hash of its recipe. So a fresh clone builds nothing that was
# built before on this machine, and needs no Go at all then; checkouts of
# different versions do not disturb each other. Progress goes to stderr.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
tools=$here/../tools
cache=$(realpath -m "${MC_E2E_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/mc-gate-e2e}")
units=("$@")
[ ${#units[@]} -gt 0 ] || units=(kubernetes pause registry distribution cosign helm conftest actionlint rollouts kargo flagger policies argocd)

say() { echo "build: $*" >&2; }

# version MODULE: as the go.mod of the unit in the current folder requires it
version() { sed -n "s#^\(require \|\t\)$1 \(v[^ ]*\).*#\2#p" go.mod; }

# build OUT PACKAGE [LDFLAGS]
build() { CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w ${3:-}" -o "$1" "$2" >&2; }

# The version must be linked in: kubectl and helm compare the server's, and the
# one it has without this is not a version.
build_kubernetes() {
  local kube v=k8s.io/component-base/version major minor name
  kube=$(version k8s.io/kubernetes)
  IFS=. read -r major minor _ <<< "${kube#v}"
  build "$1/kubeall" . "-X $v.gitVersion=$kube -X $v.gitMajor=$major -X $v.gitMinor=$minor \
    -X $v.gitCommit=$kube -X $v.gitTreeState=clean -X $v.buildDate=1970-01-01T00:00:00Z"
  for name in etcd kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy kubectl; do
    ln -s kubeall "$1/$name"
  done
}
build_pause() { build "$1/pause" .; }
build_registry() { build "$1/registry" .; }
build_distribution() { build "$1/distribution" github.com/distribution/distribution/v3/cmd/registry; }
build_cosign() {
  build "$1/cosign" github.com/sigstore/cosign/v3/cmd/cosign \
    "-X sigs.k8s.io/release-utils/version.gitVersion=$(version github.com/sigstore/cosign/v3)"
}
build_helm() {
  build "$1/helm" helm.sh/helm/v4/cmd/helm \
    "-X helm.sh/helm/v4/internal/version.version=$(version helm.sh/helm/v4)"
}

build_conftest() { build "$1/conftest" github.com/open-policy-agent/conftest; }
build_actionlint() { build "$1/actionlint" github.com/rhysd/actionlint/cmd/actionlint; }

build_kargo() { build "$1/kargo-step" .; }
build_flagger() { build "$1/flagger-ask" .; }
build_rollouts() {
  local module=github.com/argoproj/argo-rollouts
  build "$1/rollouts-measure" .
  build "$1/rollouts-controller" $module/cmd/rollouts-controller
  mkdir "$1/rollouts-crds"
  cp "$(go list -m -f '{{.Dir}}' $module)"/manifests/crds/*analysis*-crd.yaml "$1/rollouts-crds/"
}

# Its packets go to the queue by the target of xtables, which more kernels have
# than nft_queue: in a copy of the library, the file queue/queue.go writes that.
build_policies() {
  local module=github.com/google/nftables source=$1/source
  go mod download $module >&2
  cp -r "$(go list -m -f '{{.Dir}}' $module)" "$source"
  chmod -R u+w "$source"
  cp queue/queue.go "$source/expr/queue.go"
  cp go.sum "$source.sum"
  { cat go.mod; echo "replace $module => $source"; } > "$source.mod"
  GOFLAGS=-modfile=$source.mod build "$1/network-policies" .
  rm -rf "$source" "$source.mod" "$source.sum"
}

# One binary, which its name turns into the process; and the definitions of its
# kinds, so that a machine with this in its cache needs no modules. Its clients
# send the version, and the server takes none with a v.
#
# Version 3.2.12, as it is published, calls a function that it has only under a
# private name: the folder settings adds the public one, in a copy.
build_argocd() {
  local module=github.com/argoproj/argo-cd/v3 number name source=$1/source
  number=$(version $module)
  go mod download $module >&2
  cp -r "$(go list -m -f '{{.Dir}}' $module)" "$source"
  chmod -R u+w "$source"
  cp settings/exported.go "$source/util/settings/"
  cp go.sum "$source.sum"
  { cat go.mod; echo "replace $module => $source"; } > "$source.mod"
  GOFLAGS=-modfile=$source.mod build "$1/argocd" $module/cmd "-X $module/common.version=${number#v}"
  for name in application-controller repo-server server; do ln -s argocd "$1/argocd-$name"; done
  mkdir "$1/argocd-crds"
  cp "$source"/manifests/crds/{application,appproject,applicationset}-crd.yaml "$1/argocd-crds/"
  rm -rf "$source" "$source.mod" "$source.sum"
}

# recipe UNIT: a hash of everything that decides what is built
recipe() {
  {
    declare -f build "build_$1"
    cd "$tools/$1" && find . -name '*.go' -o -name 'go.*' | LC_ALL=C sort | xargs cat
  } | sha256sum | cut -c1-16
}

folders=()
for unit in "${units[@]}"; do
  declare -F "build_$unit" > /dev/null || { say "no unit $unit"; exit 2; }
  folders+=("$cache/$unit-$(recipe "$unit")")
done
bin=$cache/bin-$(printf '%s\n' "${folders[@]}" | sha256sum | cut -c1-16)
if [ -d "$bin" ]; then # complete: it comes last
  say "everything is in $cache"
  echo "$bin"
  exit 0
fi
mkdir -p "$cache"
exec 9> "$cache/.lock"
flock -n 9 || { say "waiting for another build"; flock 9; }
for folder in "${folders[@]}"; do
  unit=$(basename "${folder%-*}")
  if [ -d "$folder" ]; then
    say "$unit: there already"
    continue
  fi
  command -v go > /dev/null || { say "Go is needed to build $unit (golang.org, 1.26 or newer)"; exit 1; }
  say "$unit: building with $(go env GOVERSION) (minutes, the first time)"
  started=$SECONDS
  rm -rf "$folder.part"
  mkdir "$folder.part"
  (cd "$tools/$unit" && "build_$unit" "$folder.part")
  mv "$folder.part" "$folder"
  say "$unit: built in $((SECONDS - started)) s"
done
rm -rf "$bin" "$bin.part"
mkdir "$bin.part"
for folder in "${folders[@]}"; do
  ln -s "$folder"/* "$bin.part/"
done
mv "$bin.part" "$bin"
echo "$bin"
