#!/usr/bin/env bash
# Judges the change once, and shows the report: annotations, the job's summary, files. Whether the job passes is decided later.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
need jq

reports=$(mktemp -d "$RUNNER_TEMP/astride-report.XXXXXX")
status=0
presented=(--answers ledger)
[ -z "${ASTRIDE_DOCS_URL:-}" ] || presented+=(--docs-url "$ASTRIDE_DOCS_URL")
inputs=()
[ -z "${ASTRIDE_BASE_INPUT:-}" ] || inputs+=("--base-input=$ASTRIDE_BASE_INPUT")
[ -z "${ASTRIDE_HEAD_INPUT:-}" ] || inputs+=("--head-input=$ASTRIDE_HEAD_INPUT")
"$ASTRIDE_BINARY" review --repo "$GITHUB_WORKSPACE" --base "$ASTRIDE_BASE" --head "$ASTRIDE_HEAD" --ledger "$ASTRIDE_LEDGER" "${presented[@]}" "${inputs[@]+"${inputs[@]}"}" \
    --format github --also "json=$reports/report.json" --also "sarif=$reports/report.sarif" --also "markdown=$reports/report.md" \
    || status=$?
[ -s "$reports/report.json" ] || fail "the change could not be judged (exit code $status); see the lines above"

summarise "$reports/report.md"

output status "$status"
output verdict "$(jq -er .verdict "$reports/report.json")"
output report "$reports/report.json"
output sarif "$reports/report.sarif"
output markdown "$reports/report.md"
