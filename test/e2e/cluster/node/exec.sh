#!/bin/bash
# usage: exec.sh STATE_DIR COMMAND...: runs COMMAND inside the node (ctr, nft, curl to a pod)
parent=$(awk '$2 == "node" { print $1 }' "$(realpath "${1:?usage: exec.sh STATE_DIR COMMAND...}")/pids")
shift
read -r init < "/proc/$parent/task/$parent/children"
exec nsenter -t "${init%% *}" -m -n -p -i -u -- "$@"
