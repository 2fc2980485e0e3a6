# shellcheck shell=bash
# What the Action's steps share. Values come from the environment, and nothing of the judged change is executed.
# Bash 3.2 suffices, so that runners with macOS can use it.

# The text as the data of a workflow command, so that it ends with the command.
escaped() {
    local text=$1
    text=${text//'%'/%25}
    text=${text//$'\r'/%0D}
    printf '%s' "${text//$'\n'/%0A}"
}

fail() {
    printf '::error title=Astride::%s\n' "$(escaped "$1")"
    exit 2
}

warn() { printf '::warning title=Astride::%s\n' "$(escaped "$1")"; }

notice() { printf '::notice title=Astride::%s\n' "$(escaped "$1")"; }

# output NAME VALUE: an output of this step. A value of several lines could set other outputs too.
output() {
    case $2 in *$'\n'*) fail "the output $1 has several lines" ;; esac
    printf '%s=%s\n' "$1" "$2" >>"$GITHUB_OUTPUT"
}

# need PROGRAM…: the programs that a step calls.
need() {
    local program
    for program in "$@"; do
        command -v "$program" >/dev/null || fail "the runner has no \`$program\`"
    done
}

# event FILTER: a value of the event; fails where it is missing.
event() {
    jq -er "$1" "$GITHUB_EVENT_PATH" || fail "the event \`$GITHUB_EVENT_NAME\` has no \`$1\`"
}

# api METHOD PATH ANSWER [BODY]: calls the API, writes its answer to the file ANSWER and prints the HTTP status;
# 000 where there was none. The token is read from a file descriptor, so that no list of processes shows it.
api() {
    local method=$1 path=$2 answer=$3 retries=0
    [ "$method" != GET ] || retries=3
    local arguments=(--silent --show-error --max-time 60 --retry "$retries" --request "$method" --output "$answer"
        --write-out '%{http_code}' --header 'Accept: application/vnd.github+json' --header 'X-GitHub-Api-Version: 2022-11-28')
    [ $# -lt 4 ] || arguments+=(--header 'Content-Type: application/json' --data-binary "@$4")
    curl "${arguments[@]}" --header @<(printf 'Authorization: Bearer %s\n' "$ASTRIDE_TOKEN") "$GITHUB_API_URL$path" || true
}

# summarise FILE: the job's summary, of which GitHub takes 1 MiB. The markers of a comment are nothing for it.
summarise() {
    local most=1000000 whole
    whole=$(mktemp "$RUNNER_TEMP/astride-summary.XXXXXX")
    grep -v '^<!-- astride:' "$1" >"$whole" || true
    if [ "$(wc -c <"$whole")" -le "$most" ]; then
        cat "$whole" >>"$GITHUB_STEP_SUMMARY"
        return
    fi
    # Whole lines alone, so that no character is cut apart.
    head -c "$most" "$whole" | sed '$d' >>"$GITHUB_STEP_SUMMARY"
    printf '\n\n_The summary is cut here: it is larger than GitHub shows. The whole report is in the files that the outputs name._\n' \
        >>"$GITHUB_STEP_SUMMARY"
}
