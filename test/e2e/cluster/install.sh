#!/bin/bash
# usage: install.sh [fast|argocd|node]: the Debian packages that the tests of that
# tier use, and that are missing here. Needs root (and a Debian or Ubuntu) when
# something is missing. No service is started: the tests start what they need
# in namespaces of their own.
set -euo pipefail
tier=${1:-node}
declare -A package_of=([openssl]=openssl [curl]=curl [flock]=util-linux)
if [ "$tier" = node ]; then
  package_of+=([containerd]=containerd [runc]=runc [nft]=nftables [iptables]=iptables [ip]=iproute2
    [socat]=socat [/usr/lib/cni/ptp]=containernetworking-plugins [nsenter]=util-linux)
fi
if [ "$tier" = fast ]; then
  package_of+=([promtool]=prometheus)
else
  package_of+=([redis-server]=redis-server [git]=git)
fi
missing=()
for program in "${!package_of[@]}"; do
  command -v "$program" > /dev/null || missing+=("${package_of[$program]}")
done
[ ${#missing[@]} -gt 0 ] || exit 0
mapfile -t missing < <(printf '%s\n' "${missing[@]}" | sort -u)
echo "install: missing on this machine: ${missing[*]}" >&2
if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null; then
  echo "install: install them, or run this as root on Debian" >&2
  exit 1
fi
# Debian starts a service when its package is installed, unless a policy says no (man 8 invoke-rc.d).
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
  printf '#!/bin/sh\nexit 101\n' > $policy
  chmod +x $policy
  trap 'rm -f $policy' EXIT
fi
export DEBIAN_FRONTEND=noninteractive
echo "install: apt-get update" >&2
apt-get update -q > /dev/null
echo "install: apt-get install ${missing[*]}" >&2
apt-get install -q -y --no-install-recommends "${missing[@]}" > /dev/null
echo "install: done" >&2
