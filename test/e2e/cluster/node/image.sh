#!/bin/bash
# usage: image.sh OUT.tar NAME:TAG PROGRAM: an image that holds only this static
# program and runs it, as an OCI archive for `ctr images import`.
set -euo pipefail
out=$1 name=$2 program=$3
case $(uname -m) in
  x86_64) architecture=amd64 ;;
  aarch64) architecture=arm64 ;;
  *) echo "image: no name for the architecture $(uname -m)" >&2; exit 1 ;;
esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/root" "$work/image/blobs/sha256"
cp -L "$program" "$work/root/run"
pack() { tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$1" -cf "$2" .; }

# store FILE TYPE: moves FILE to its place among the blobs and prints its descriptor
store() {
  local digest size
  digest=$(sha256sum "$1" | cut -d' ' -f1) size=$(stat -c %s "$1")
  mv "$1" "$work/image/blobs/sha256/$digest"
  printf '"mediaType":"application/vnd.oci.image.%s","digest":"sha256:%s","size":%d' "$2" "$digest" "$size"
}
pack "$work/root" "$work/layer"
diff_id=$(sha256sum "$work/layer" | cut -d' ' -f1)
layer=$(store "$work/layer" layer.v1.tar)
printf '{"architecture":"%s","os":"linux","config":{"Entrypoint":["/run"],"User":"65534:65534"},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
  "$architecture" "$diff_id" > "$work/config"
config=$(store "$work/config" config.v1+json)
printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{%s},"layers":[{%s}]}' "$config" "$layer" > "$work/manifest"
manifest=$(store "$work/manifest" manifest.v1+json)
printf '{"schemaVersion":2,"manifests":[{%s,"annotations":{"io.containerd.image.name":"%s"}}]}' "$manifest" "$name" > "$work/image/index.json"
printf '{"imageLayoutVersion":"1.0.0"}' > "$work/image/oci-layout"
pack "$work/image" "$out"
