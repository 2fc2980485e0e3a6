#!/usr/bin/env bash
# Makes the archive of a release from a program that is built already:
#   scripts/package.sh TARGET PROGRAM FOLDER
# writes FOLDER/astride-VERSION-TARGET.tar.gz and adds its line to FOLDER/SHA256SUMS. The same program gives the same bytes.
# Man pages and completions are the program's own words; where it cannot run here (another architecture), ASTRIDE_RUNS names one that can.
set -euo pipefail
if [ $# -ne 3 ]; then
    echo "usage: scripts/package.sh TARGET PROGRAM FOLDER" >&2
    exit 2
fi
target=$1 program=$2 folder=$3
runs=${ASTRIDE_RUNS:-$program}
root=$(cd "$(dirname "$0")/.." && pwd)
version=$("$runs" --version | cut -d' ' -f2)
name=astride-$version-$target

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/$name/completions" "$work/$name/man" "$folder"
install -m 755 "$program" "$work/$name/astride"
install -m 644 "$root/LICENSE" "$root/README.md" "$root/CHANGELOG.md" "$work/$name/"
for shell in bash zsh fish powershell elvish; do
    "$runs" completions "$shell" >"$work/$name/completions/astride.$shell"
done
"$runs" man "$work/$name/man"

# Names in order, no owner, and the time of the commit: nothing of this machine gets in.
time=$(git -C "$root" log -1 --format=%ct 2>/dev/null || echo 0)
tar=tar
command -v gtar >/dev/null && tar=gtar
(cd "$work" && "$tar" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$time" --mode=u+rw,go+r,go-w -cf - "$name") \
    | gzip --no-name --best >"$folder/$name.tar.gz"

cd "$folder"
if command -v sha256sum >/dev/null; then sum="sha256sum"; else sum="shasum -a 256"; fi
touch SHA256SUMS
{ grep -v "  $name.tar.gz\$" SHA256SUMS || true; $sum "$name.tar.gz"; } | sort -k2 >SHA256SUMS.new
mv SHA256SUMS.new SHA256SUMS
echo "$folder/$name.tar.gz"
