#!/usr/bin/env bash
# Keeps one comment on the pull request, which is written only when its text changes. Nothing here decides whether the job passes.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
need curl jq

marker='<!-- astride:comment -->'
# Pages of a hundred comments that are searched for ours.
most_pages=30

if [ -z "$ASTRIDE_TOKEN" ]; then
    notice "no token, so no comment: the job's summary has the report"
    exit 0
fi
if [ "$(jq -r '.pull_request.head.repo.full_name // ""' "$GITHUB_EVENT_PATH")" != "$GITHUB_REPOSITORY" ]; then
    notice "a pull request from a fork gets no comment, since its token may not write: the job's summary has the report"
    exit 0
fi

number=$(event .pull_request.number)
work=$(mktemp -d "$RUNNER_TEMP/astride-comment.XXXXXX")

# read_or_leave PATH ANSWER
read_or_leave() {
    local status
    status=$(api GET "$1" "$2")
    if [ "$status" != 200 ]; then
        warn "no comment: GET $1 was answered with $status; the job's summary has the report"
        exit 0
    fi
}

read_or_leave "/repos/$GITHUB_REPOSITORY/pulls/$number" "$work/pull.json"
if [ "$(jq -r .head.sha "$work/pull.json")" != "$ASTRIDE_HEAD" ]; then
    notice "the pull request has a newer head, whose own run writes the comment"
    exit 0
fi

# Anybody can type the marker, so that the author counts too. Ours is the oldest.
page=1
ours=
while [ -z "$ours" ] && [ "$page" -le "$most_pages" ]; do
    read_or_leave "/repos/$GITHUB_REPOSITORY/issues/$number/comments?per_page=100&page=$page" "$work/page.json"
    ours=$(jq -c --arg marker "$marker" --arg author "$ASTRIDE_AUTHOR" \
        '[.[] | select(.user.login == $author and (.body | startswith($marker)))] | first // empty' "$work/page.json")
    [ "$(jq length "$work/page.json")" -eq 100 ] || break
    page=$((page + 1))
done

{
    cat "$ASTRIDE_MARKDOWN"
    printf '\n<sub>Written by a workflow, which reads no comments.</sub>\n'
} >"$work/body.md"
jq -n --rawfile body "$work/body.md" '{body: $body}' >"$work/request.json"

if [ -z "$ours" ]; then
    quiet='(.verdict == "clear" or .verdict == "not-judged")
        and (.warnings + .repairs == []) and .weakened == null and .emergency == null'
    if jq -e "$quiet" "$ASTRIDE_REPORT" >/dev/null; then
        echo "There is nothing to say, so no comment is written."
        exit 0
    fi
    status=$(api POST "/repos/$GITHUB_REPOSITORY/issues/$number/comments" "$work/answer.json" "$work/request.json")
else
    # GitHub keeps a body without the white space at its end.
    plain='gsub("\r"; "") | sub("\\s+$"; "")'
    if [ "$(jq -r ".body | $plain" <<<"$ours")" = "$(jq -r ".body | $plain" "$work/request.json")" ]; then
        echo "The comment says it already."
        exit 0
    fi
    status=$(api PATCH "/repos/$GITHUB_REPOSITORY/issues/comments/$(jq -r .id <<<"$ours")" "$work/answer.json" "$work/request.json")
fi
case $status in
    200 | 201) echo "The comment is written." ;;
    403) notice "the token may not write comments (\`pull-requests: write\`): the job's summary has the report" ;;
    *) warn "the comment was not written: GitHub answered with $status; the job's summary has the report" ;;
esac
