#!/usr/bin/env bash
# Runs a command with a Docker engine: the one that answers, or else, for root on Debian, one of its own that is started
# for the command and ended with it. It has its own socket and folders, no bridge and no packet filter rules.
#
#   scripts/docker-engine.sh COMMAND [ARGUMENT...]
#
# Where no engine can run, the reason is printed and the command runs without one.
set -euo pipefail

without_engine() {
  printf 'docker-engine: %s\n' "$1" >&2
  shift
  exec "$@"
}

# Debian starts a service when its package is installed, unless a policy says no (man 8 invoke-rc.d).
install_engine() (
  policy=/usr/sbin/policy-rc.d
  if [[ ! -e $policy ]]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -q && apt-get install -yq --no-install-recommends docker.io
)

# Node.js is what all commands here need anyway; Docker's own client is a package of its own on newer Debians.
answers() {
  timeout 10 node -e 'require("http").get({ socketPath: process.argv[1], path: "/_ping" }, ({ statusCode }) =>
    process.exit(statusCode === 200 ? 0 : 1)).on("error", () => process.exit(1))' "$1"
}

(($# > 0)) || { sed -n '2,7p' "$0" | sed 's/^# \{0,1\}//' >&2 && exit 12; }

if command -v docker >/dev/null && docker info >/dev/null 2>&1; then exec "$@"; fi
[[ $(uname -s) == Linux ]] || without_engine 'no engine answers, and one is started on Linux only' "$@"
((EUID == 0)) || without_engine 'no engine answers, and only root can start one' "$@"
if ! command -v dockerd >/dev/null; then
  command -v apt-get >/dev/null || without_engine 'no engine answers, dockerd is not installed and there is no apt-get' "$@"
  install_engine >&2 || without_engine 'apt-get could not install docker.io' "$@"
fi

folder=$(mktemp -d /tmp/docker-engine.XXXXXX)
cgroup=${folder##*/}
engine=
stop() {
  if [[ -n $engine ]]; then
    kill "$engine" 2>/dev/null || true
    wait "$engine" 2>/dev/null || true
  fi
  # Network namespaces and layers that are still mounted would survive the folder.
  awk -v under="$folder/" 'index($2, under) == 1 { print $2 }' /proc/mounts | sort -r | xargs -r umount -l
  rm -rf "$folder"
  find /sys/fs/cgroup -maxdepth 2 -type d -name "$cgroup" -exec find {} -depth -type d -delete \; -prune 2>/dev/null || true
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# The score may not be lowered without CAP_SYS_RESOURCE, hence that of this process. The vfs driver needs nothing of the
# file system below, which may be an overlay itself; cgroupfs needs no systemd.
dockerd --host "unix://$folder/docker.sock" --data-root "$folder/data" --exec-root "$folder/exec" \
  --pidfile "$folder/pid" --bridge=none --iptables=false --ip6tables=false --storage-driver=vfs \
  --exec-opt native.cgroupdriver=cgroupfs --cgroup-parent="/$cgroup" \
  --oom-score-adjust="$(cat /proc/self/oom_score_adj)" --group root >"$folder/log" 2>&1 &
engine=$!

# Without a bridge there is no gateway to ask for, and testcontainers' reaper would have to be pulled.
export DOCKER_HOST="unix://$folder/docker.sock" TESTCONTAINERS_HOST_OVERRIDE=127.0.0.1 TESTCONTAINERS_RYUK_DISABLED=true
for _ in $(seq 120); do
  kill -0 "$engine" 2>/dev/null || break
  if [[ -S $folder/docker.sock ]] && answers "$folder/docker.sock"; then
    "$@"
    exit
  fi
  sleep 0.25
done
tail -n 20 "$folder/log" >&2
unset DOCKER_HOST TESTCONTAINERS_HOST_OVERRIDE TESTCONTAINERS_RYUK_DISABLED
printf 'docker-engine: dockerd did not come up; its last lines stand above\n' >&2
"$@"
