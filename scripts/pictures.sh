#!/usr/bin/env bash
# Makes the pictures of docs/pictures from what the program writes about its own example. Needs Chromium (`apt-get install chromium`).
# The text in the pictures is real output; nothing is drawn by hand.
set -euo pipefail
cd "$(dirname "$0")/.."

browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || { echo "Chromium is not installed" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
example=src/sandbox/example

cargo build --locked --quiet --bin astride --example pictures
target=${CARGO_TARGET_DIR:-target}/debug
# What needs an answer is exit code 1, and no failure here.
for format in html markdown; do
    "$target/astride" review --base "$example/base" --head "$example/head" --format "$format" -o "$work/report.$format" || [ $? = 1 ]
done
"$target/examples/pictures" "$work/report.markdown" "$work/report.html" >"$work/comment.html"

# As somebody who owns nothing, where this runs as root: the browser's own sandbox is off, since containers mostly forbid it.
run() { "$@"; }
if [ "$(id -u)" = 0 ]; then
    chown -R 65534:65534 "$work"
    run() { setpriv --reuid=65534 --regid=65534 --clear-groups env HOME="$work" "$@"; }
fi

# picture PAGE NAME WIDTH,HEIGHT SCHEME: the scheme is 0 for dark, 1 for light. The page is a file of ours, or an address.
picture() {
    case "$1" in http*) page=$1 ;; *) page=file://$work/$1 ;; esac
    run timeout --kill-after=5 60 "$browser" --headless=new --no-sandbox --disable-gpu --no-first-run --hide-scrollbars \
        --disable-background-networking --force-device-scale-factor=1 --user-data-dir="$work/profile" \
        --blink-settings=preferredColorScheme="$4" --window-size="$3" --screenshot="$work/$2.png" "$page" 2>/dev/null
    cp "$work/$2.png" "docs/pictures/$2.png"
}

mkdir -p docs/pictures
picture comment.html comment 860,1010 1
picture report.html report 1000,1010 1
picture report.html report-phone 390,844 0

# The sandbox's page, as it is served.
"$target/astride" sandbox --web >"$work/sandbox.txt" &
sandbox=$!
trap 'kill "$sandbox" 2>/dev/null || true; rm -rf "$work"' EXIT
for _ in $(seq 100); do
    url=$(sed -n 's/^  \(http:.*\)/\1/p' "$work/sandbox.txt")
    [ -n "$url" ] && break
    sleep 0.2
done
picture "$url" sandbox 1280,1010 1
picture "$url" sandbox-phone 390,844 0
ls -l docs/pictures
