#!/bin/bash
# package_test.sh BUILD SOURCE: the Debian package holds what it should and names what it depends on.
set -euo pipefail
build=$(realpath "$1") source=$(realpath "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/consumption/checks.sh
. "$source/tests/consumption/checks.sh"

for tool in cpack dpkg-deb dpkg-shlibdeps; do
  command -v "$tool" >/dev/null || { echo "skip: no $tool here"; exit 77; }
done

check 'the package is made' cpack --config "$build/CPackConfig.cmake" -G DEB -B "$work"
package=$(echo "$work"/thaw_*.deb)
dpkg-deb -c "$package" >"$work/list"
for path in usr/bin/thaw usr/share/thaw/backends/perf.yaml usr/share/man/man1/thaw.1 \
  usr/share/bash-completion/completions/thaw usr/include/thaw/version.h; do
  check "it holds $path" grep -q " \./$path\$" "$work/list"
done
check 'it depends on the libraries it links' bash -c 'grep -q libc6 <<<"$(dpkg-deb -f "$1" Depends)"' - "$package"

check 'it unpacks' dpkg-deb -x "$package" "$work/root"
check 'the program in it runs' "$work/root/usr/bin/thaw" --version
