#!/bin/bash
# usage: guard.sh OWNER_PID STATE_DIR: takes the cluster down when its owner has
# ended without doing so, for example because it was killed.
tail --pid="$1" -f /dev/null
exec "$(dirname "$0")/down.sh" "$2"
