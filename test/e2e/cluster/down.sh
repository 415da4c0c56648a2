#!/bin/bash
# usage: down.sh STATE_DIR: ends what up.sh started there and removes every trace.
set -uo pipefail
state=$(realpath -m "${1:?usage: down.sh STATE_DIR}")
[ -d "$state" ] || exit 0
ended=()
while read -r pid _; do
  # The number may belong to another process by now: ours name the state folder.
  if [ "$pid" != $$ ] && tr '\0' ' ' 2> /dev/null < "/proc/$pid/cmdline" | grep -qF "$state"; then
    kill -KILL -- "-$pid" 2> /dev/null # each leads a process group of its own (setsid)
    ended+=("$pid")
  fi
done < <(tac "$state/pids" 2> /dev/null)
for pid in "${ended[@]}"; do
  for _ in {1..100}; do
    [ -e "/proc/$pid" ] && [ "$(awk '{ print $3 }' "/proc/$pid/stat" 2> /dev/null)" != Z ] || break
    sleep 0.05
  done
done
# The node's control groups are empty once its processes are gone. Look for them
# in every hierarchy, also in those that only the container runtime knew of.
if [ -e "$state/cgroup" ]; then
  mapfile -t groups < <(find /sys/fs/cgroup -maxdepth 2 -type d -name "$(cat "$state/cgroup")")
  for group in "${groups[@]}"; do
    for _ in {1..100}; do
      [ -d "$group" ] || break
      find "$group" -depth -type d -exec rmdir {} + 2> /dev/null || sleep 0.05
    done
  done
fi
rm -rf "$state"
