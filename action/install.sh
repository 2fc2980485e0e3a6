#!/usr/bin/env bash
# Finds the program: the one that was named, or the release's for this runner, whose checksum must be right.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

if [ -n "$ASTRIDE_BINARY" ]; then
    [ -x "$ASTRIDE_BINARY" ] || fail "\`binary: $ASTRIDE_BINARY\` is no program"
    output binary "$ASTRIDE_BINARY"
    exit 0
fi

need curl tar
case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) target=x86_64-unknown-linux-musl ;;
    Linux-aarch64) target=aarch64-unknown-linux-musl ;;
    Darwin-x86_64) target=x86_64-apple-darwin ;;
    Darwin-arm64) target=aarch64-apple-darwin ;;
    *) fail "there is no release for $(uname -s) on $(uname -m); build one and name it with \`binary\`" ;;
esac
case $ASTRIDE_VERSION in
    '' | *[!0-9A-Za-z.-]*) fail "\`version: $ASTRIDE_VERSION\` is no version" ;;
esac

name=astride-$ASTRIDE_VERSION-$target
release=$GITHUB_SERVER_URL/$ASTRIDE_REPOSITORY/releases/download/v$ASTRIDE_VERSION
folder=$(mktemp -d "$RUNNER_TEMP/astride.XXXXXX")
# Releases lie behind a redirect, which must not lead out of TLS.
download() {
    curl --silent --show-error --fail --location --proto-redir '=https' --retry 3 --max-time 300 --output "$folder/$1" "$release/$1" \
        || fail "$release/$1 could not be downloaded"
}
download "$name.tar.gz"

if [ -n "$ASTRIDE_SHA256" ]; then
    expected=$ASTRIDE_SHA256
else
    download SHA256SUMS
    expected=$(awk -v name="$name.tar.gz" '$2 == name { print $1 }' "$folder/SHA256SUMS")
fi
if command -v sha256sum >/dev/null; then
    actual=$(sha256sum "$folder/$name.tar.gz" | cut -d' ' -f1)
else
    actual=$(shasum -a 256 "$folder/$name.tar.gz" | cut -d' ' -f1)
fi
[ "$actual" = "$expected" ] || fail "$name.tar.gz has the checksum $actual, and not \`$expected\`"

tar -xzf "$folder/$name.tar.gz" -C "$folder"
output binary "$folder/$name/astride"
