#!/usr/bin/env bash
# Runs the review of every open pull request again, because decisions have changed.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
need curl jq

case $ASTRIDE_WORKFLOW in '' | *[!0-9A-Za-z._-]*) fail "\`workflow: $ASTRIDE_WORKFLOW\` is no name of a workflow's file" ;; esac
work=$(mktemp -d "$RUNNER_TEMP/astride-rerun.XXXXXX")

# ask PATH ANSWER
ask() {
    local status
    status=$(api GET "$1" "$2")
    [ "$status" = 200 ] || fail "GET $1 was answered with $status; does the job have \`actions: write\` and \`pull-requests: read\`?"
}

ask "/repos/$GITHUB_REPOSITORY/pulls?state=open&sort=updated&direction=desc&per_page=100" "$work/pulls.json"
again=0
missed=0
for head in $(jq -r '.[].head.sha' "$work/pulls.json" | awk '!seen[$0]++'); do
    ask "/repos/$GITHUB_REPOSITORY/actions/workflows/$ASTRIDE_WORKFLOW/runs?head_sha=$head&event=pull_request&per_page=1" "$work/runs.json"
    # A run that is under way cannot be run again.
    run=$(jq -r '.workflow_runs | map(select(.status == "completed")) | first | .id // empty' "$work/runs.json")
    [ -n "$run" ] || continue
    status=$(api POST "/repos/$GITHUB_REPOSITORY/actions/runs/$run/rerun" "$work/answer.json")
    if [ "$status" = 201 ]; then again=$((again + 1)); else missed=$((missed + 1)); fi
    # Writes are taken one a second.
    sleep "${ASTRIDE_PAUSE:-1}"
done
echo "$again reviews run again."
[ "$missed" -eq 0 ] || warn "$missed reviews could not be run again: GitHub does that for 30 days, a push to the pull request always"
[ "$(jq length "$work/pulls.json")" -lt 100 ] || warn "only the 100 pull requests that were updated last were looked at"
