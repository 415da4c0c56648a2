#!/bin/sh
# Finds the repositories of an organization that do not run the MC security workflow, and opens a pull request in each, in
# waves: `mc fleet open`. Nothing is written without --yes.
#   .scripts/find-and-prepare-mc.sh --org acme --workflow acme/mc/.github/workflows/_reusable-ci-security.yml \
#     --commit SHA --release v1.2.3 --docs https://docs.acme.test/mc [--yes]
set -eu
case " $* " in
  *" --journal "* | *" --journal="*) ;;
  *) set -- --journal mc-fleet.jsonl "$@" ;;
esac
if command -v mc-gate >/dev/null 2>&1; then
  exec mc-gate fleet open "$@"
fi
exec node "$(cd "$(dirname "$0")/.." && pwd)/src/cli/main.ts" fleet open "$@"
