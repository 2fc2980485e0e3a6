#!/usr/bin/env bash
# Passes or fails the job. What could not be judged fails it in either mode.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
need jq

case $ASTRIDE_MODE in
    enforce | advise) ;;
    *) fail "\`mode: $ASTRIDE_MODE\` is neither enforce nor advise" ;;
esac
headline=$(escaped "$(jq -er .headline "$ASTRIDE_REPORT")")
# A line of its own words could begin like a command of the runner's.
echo "Astride: $headline"
case $ASTRIDE_STATUS-$ASTRIDE_MODE in
    0-* | 1-advise) ;;
    1-enforce) exit 1 ;;
    *) exit 2 ;;
esac
