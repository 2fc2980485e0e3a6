#!/usr/bin/env bash
# Finds the two commits that are compared, and fetches what a shallow checkout lacks: both sides down to their merge base,
# and the ledger branch.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
need git jq base64

# Commits that are fetched of each side at first, and at most.
first_depth=32
last_depth=32768

cd "$GITHUB_WORKSPACE"
git rev-parse --git-dir >/dev/null || fail "there is no repository in $GITHUB_WORKSPACE: check it out first (actions/checkout)"

# The token for the fetches below, whether or not the checkout kept one. It reaches git by the environment, not as an argument.
if [ -n "$ASTRIDE_TOKEN" ]; then
    export GIT_CONFIG_COUNT=2
    export GIT_CONFIG_KEY_0="http.$GITHUB_SERVER_URL/.extraheader" GIT_CONFIG_VALUE_0=
    export GIT_CONFIG_KEY_1="$GIT_CONFIG_KEY_0"
    GIT_CONFIG_VALUE_1="AUTHORIZATION: basic $(printf 'x-access-token:%s' "$ASTRIDE_TOKEN" | base64 | tr -d '\n')"
    export GIT_CONFIG_VALUE_1
fi
export GIT_TERMINAL_PROMPT=0

fetch() { git fetch --quiet --no-tags --no-recurse-submodules --force "$@"; }

is_shallow() { [ "$(git rev-parse --is-shallow-repository)" = true ]; }

# at_hand OBJECT: the commit that an object id or a ref names, if the repository has it.
at_hand() { git rev-parse --quiet --verify --end-of-options "$1^{commit}"; }

register=false
case $GITHUB_EVENT_NAME in
    pull_request)
        head=$(event .pull_request.head.sha)
        # The base branch as it is now: its settings and its merge base count, also when an old run is run again.
        base_ref=refs/heads/$(event .pull_request.base.ref)
        ;;
    merge_group)
        head=$(event .merge_group.head_sha)
        base_ref=$(event .merge_group.base_sha)
        ;;
    push)
        # No change to judge: all that the branch holds is listed.
        head=$GITHUB_SHA
        base_ref=$head
        register=true
        ;;
    workflow_dispatch)
        head=${ASTRIDE_HEAD:-$GITHUB_SHA}
        base_ref=${ASTRIDE_BASE:-refs/heads/$(event .repository.default_branch)}
        ;;
    pull_request_target)
        fail "on \`pull_request_target\` a workflow runs with secrets and a token that writes; use \`pull_request\`"
        ;;
    *)
        fail "the Action runs on pull_request, merge_group, push and workflow_dispatch, and not on \`$GITHUB_EVENT_NAME\`"
        ;;
esac
for revision in "$head" "$base_ref"; do
    case $revision in '' | -* | *[[:space:]]*) fail "\`$revision\` is no revision" ;; esac
done

head_here=refs/astride/head
base_here=refs/astride/base

# fetch_sides [--depth N]
fetch_sides() {
    fetch "$@" origin "+$head:$head_here" "+$base_ref:$base_here" \
        || fail "$head and $base_ref could not be fetched from origin; does the job have \`contents: read\`?"
}

# The merge base, if all commits between it and the two sides are here. Beyond a shallow repository's edge may lie a nearer one.
merge_base() {
    local found shallow
    found=$(git merge-base "$base_here" "$head_here") || return 1
    shallow=$(git rev-parse --git-path shallow)
    [ -s "$shallow" ] || return 0
    ! git rev-list "$base_here" "$head_here" --not "$found" | grep --quiet --fixed-strings --line-regexp --file="$shallow"
}

if is_shallow; then
    depth=$first_depth
    fetch_sides --depth "$depth"
    until merge_base; do
        is_shallow || fail "$head and $base_ref have no commit in common"
        depth=$((depth * 4))
        [ "$depth" -le "$last_depth" ] \
            || fail "no merge base within $last_depth commits of $head and $base_ref; check out with \`fetch-depth: 0\`"
        fetch_sides --depth "$depth"
    done
else
    fetch_sides
    merge_base || fail "$head and $base_ref have no commit in common"
fi

ledger=refs/heads/$ASTRIDE_LEDGER
git check-ref-format "$ledger" || fail "\`ledger: $ASTRIDE_LEDGER\` is no name of a branch"
status=0
git ls-remote --quiet --exit-code origin "$ledger" >/dev/null || status=$?
case $status in
    0) fetch origin "+$ledger:refs/remotes/origin/$ASTRIDE_LEDGER" || fail "the ledger branch $ASTRIDE_LEDGER could not be fetched" ;;
    2) echo "There is no branch $ASTRIDE_LEDGER yet, so nothing has been decided." ;;
    *) fail "origin could not be asked for the ledger branch $ASTRIDE_LEDGER" ;;
esac

output base "$(at_hand "$base_here")"
output head "$(at_hand "$head_here")"
output register "$register"
