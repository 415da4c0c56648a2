#!/usr/bin/env bash
# Runs a command where zsh and fish are installed, in which the scripts of `mc completion` are tried. Root on Debian installs
# what is missing.
#
#   scripts/completion-shells.sh COMMAND [ARGUMENT...]
#
# Where a shell cannot be had, the reason is printed, and its tests are skipped.
set -euo pipefail

(($# > 0)) || { sed -n '2,7p' "$0" | sed 's/^# \{0,1\}//' >&2 && exit 12; }

missing=()
for shell in zsh fish; do command -v "$shell" >/dev/null || missing+=("$shell"); done
if ((${#missing[@]} > 0)); then
  export DEBIAN_FRONTEND=noninteractive
  if ! { ((EUID == 0)) && apt-get update -q && apt-get install -yq --no-install-recommends "${missing[@]}"; } >&2; then
    printf 'completion-shells: could not install %s\n' "${missing[*]}" >&2
  fi
fi
exec "$@"
