#!/bin/bash
# install_test.sh BUILD SOURCE: the program works from a freshly installed prefix, away from the source tree.
set -euo pipefail
build=$(realpath "$1") source=$(realpath "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/consumption/checks.sh
. "$source/tests/consumption/checks.sh"

prefix=$work/prefix
check 'it installs into a prefix' cmake --install "$build" --prefix "$prefix"
cd "$work"
unset THAW_SHARE
export THAW_RUNS=$work/runs
thaw=$prefix/bin/thaw

version=$(sed -n 's/^project(thaw VERSION \([0-9.]*\).*/\1/p' "$source/CMakeLists.txt")
check 'the version is that of the project' test "$("$thaw" --version)" = "thaw $version"

check 'shipped backends are installed' test -r "$prefix/share/thaw/backends/uname.yaml"
check 'a shipped backend is found beside the program' \
  "$thaw" bench -b uname --repeat 3 --skip-context -o "$work/record" -- /bin/true
check 'the record has its rows' test "$(grep -c . "$work/record/samples.csv")" -eq 4
check 'the record has its document' test -s "$work/record/run.json"
check 'a record can be compared with itself' "$thaw" compare "$work/record" "$work/record"

check 'doctor tells what this machine can measure' bash -c 'grep -q perf <<<"$("$1" doctor --format json)"' - "$thaw"

if [ -x "$prefix/bin/thaw-micro" ]; then
  check 'a shipped function runs and reports its time' bash -c 'grep -q "@@@ Time" <<<"$("$1" inc 1000 0)"' - \
    "$prefix/bin/thaw-micro"
fi

if [ -x "$prefix/bin/thaw-fn" ]; then
  check 'the function of platforms is installed' bash -c 'grep -q "^thaw-fn " <<<"$("$1" --version)"' - \
    "$prefix/bin/thaw-fn"
fi

if [ -e "$build/src/sim/libthaw-mpi.so" ]; then
  check 'the MPI engine is found where it is installed' \
    "$thaw" sim sweep --engine mpi --trace "$source/tests/fixtures/traces/azure2019-20c" --policy gd --memory 1GB -q
fi

check 'the manual page is installed' test -r "$prefix/share/man/man1/thaw.1"
check 'the completions are installed' test -r "$prefix/share/bash-completion/completions/thaw" \
  -a -r "$prefix/share/zsh/site-functions/_thaw"

cat >"$work/user.cpp" <<'CPP'
#include <thaw/version.h>

#include <cstdio>

int main() { std::puts(thaw::version); }
CPP
check 'a program compiles against the installed headers' \
  c++ -std=c++20 -Wall -Werror -I "$prefix/include" -o "$work/user" "$work/user.cpp"
check 'and sees the same version' test "$("$work/user")" = "$version"

check 'DESTDIR goes in front of the prefix' env DESTDIR="$work/stage" cmake --install "$build" --prefix /usr
check 'and nothing is left out' test -x "$work/stage/usr/bin/thaw"
