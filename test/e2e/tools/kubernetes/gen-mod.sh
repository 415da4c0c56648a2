#!/bin/bash
# usage: gen-mod.sh v1.X.Y: rewrites go.mod and go.sum for that Kubernetes version.
#
# k8s.io/kubernetes replaces its staging modules (k8s.io/api and so on) by
# folders of its own tree. A replace directive counts only in the main module,
# so this one names the published copy of each instead: v1.X.Y is v0.X.Y there.
# etcd is taken in the version that this Kubernetes itself is tested with.
set -euo pipefail
cd "$(dirname "$0")"
kube=${1:?usage: gen-mod.sh v1.X.Y}
published=v0.${kube#v1.}
origin=$(cd / && go mod download -json "k8s.io/kubernetes@$kube" | sed -n 's/.*"GoMod": "\(.*\)".*/\1/p')
etcd=$(awk '$1 == "go.etcd.io/etcd/client/v3" { print $2; exit }' "$origin")
{
  echo 'module mc-gate.dev/test/kubernetes'
  grep -E '^(go|godebug) ' "$origin"
  echo "require go.etcd.io/etcd/server/v3 $etcd"
  echo "require k8s.io/kubernetes $kube"
  awk -v to="$published" '$2 == "=>" && $3 ~ /^\.\/staging/ { print "replace " $1 " => " $1 " " to }' "$origin"
} > go.mod
rm -f go.sum
go mod tidy
