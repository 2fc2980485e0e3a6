#!/usr/bin/env bash
# Judges the change once, and shows the report: annotations, the job's summary, files. Whether the job passes is decided later.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
need jq

# GitHub takes a summary of 1 MiB.
most=1000000

reports=$(mktemp -d "$RUNNER_TEMP/astride-report.XXXXXX")
status=0
"$ASTRIDE_BINARY" review --repo "$GITHUB_WORKSPACE" --base "$ASTRIDE_BASE" --head "$ASTRIDE_HEAD" --ledger "$ASTRIDE_LEDGER" \
    --format github --also "json=$reports/report.json" --also "sarif=$reports/report.sarif" --also "markdown=$reports/report.md" \
    || status=$?
[ -s "$reports/report.json" ] || fail "the change could not be judged (exit code $status); see the lines above"

# The markers of a comment are nothing for a summary.
summary=$reports/summary.md
grep -v '^<!-- astride:' "$reports/report.md" >"$summary" || true
if [ "$(wc -c <"$summary")" -gt "$most" ]; then
    # Whole lines alone, so that no character is cut apart.
    head -c "$most" "$summary" | sed '$d' >>"$GITHUB_STEP_SUMMARY"
    printf '\n\n_The summary is cut here: it is larger than GitHub shows. The whole report is in the files that the outputs name._\n' \
        >>"$GITHUB_STEP_SUMMARY"
else
    cat "$summary" >>"$GITHUB_STEP_SUMMARY"
fi

output status "$status"
output verdict "$(jq -er .verdict "$reports/report.json")"
output report "$reports/report.json"
output sarif "$reports/report.sarif"
output markdown "$reports/report.md"
