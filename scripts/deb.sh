#!/usr/bin/env bash
# Makes the Debian package of a program that is built already:
#   scripts/deb.sh PROGRAM [FLAGS OF CARGO DEB]
# What the program says of itself (manual pages, completions) is laid where `[package.metadata.deb]` in Cargo.toml finds it, target/deb. With
# ASTRIDE_DEB_ASSETS_ONLY set, nothing more is done; else `cargo deb` (cargo install --locked cargo-deb) makes the package of it.
set -euo pipefail
if [ $# -lt 1 ]; then
    echo "usage: scripts/deb.sh PROGRAM [FLAGS OF CARGO DEB]" >&2
    exit 2
fi
program=$(realpath "$1")
shift
cd "$(dirname "$0")/.."
assets=${ASTRIDE_DEB_ASSETS:-target/deb}
rm -rf "$assets"
mkdir -p "$assets/man" "$assets/completions"
install -m 755 "$program" "$assets/astride"
"$program" man "$assets/man"
"$program" completions bash >"$assets/completions/astride"
"$program" completions zsh >"$assets/completions/_astride"
"$program" completions fish >"$assets/completions/astride.fish"
[ -n "${ASTRIDE_DEB_ASSETS_ONLY:-}" ] || cargo deb --no-build "$@"
