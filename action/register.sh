#!/usr/bin/env bash
# Lists all threats of the default branch, for code scanning and the job's summary. It is a register, and fails no job over what it holds.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

presented=(--rev "$ASTRIDE_HEAD")
[ -z "${ASTRIDE_DOCS_URL:-}" ] || presented+=(--docs-url "$ASTRIDE_DOCS_URL")
reports=$(mktemp -d "$RUNNER_TEMP/astride-register.XXXXXX")
# 2 says that not all was read, or that there is nothing to read; what was read is in the file.
for format in sarif json markdown; do
    status=0
    "$ASTRIDE_BINARY" threats --repo "$GITHUB_WORKSPACE" "${presented[@]}" --ledger "$ASTRIDE_LEDGER" \
        --format "$format" --output "$reports/register.$format" || status=$?
    [ -s "$reports/register.$format" ] || fail "the threats could not be listed (exit code $status); see the lines above"
done
[ "$status" -eq 0 ] || warn "the register is not whole: its notes say what was not read"
summarise "$reports/register.markdown"

output report "$reports/register.json"
output sarif "$reports/register.sarif"
