#!/bin/bash
# setup_test.sh SETUP: tools/setup asks dpkg only when all packages are there, and says what it cannot install.
#
# A fake dpkg-query answers which packages are installed; a fake apt-get writes down that it was called.
set -euo pipefail
setup=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/bin" "$work/tools" "$work/packages"
cp "$setup" "$work/tools/setup"

cat >"$work/bin/dpkg-query" <<'FAKE'
#!/bin/bash
# Lists the names given that are in $INSTALLED, in the form of dpkg-query -W.
for name in "$@"; do
  case " $INSTALLED " in *" $name "*) echo "installed $name" ;; esac
done
FAKE
cat >"$work/bin/apt-get" <<'FAKE'
#!/bin/bash
echo "$*" >>"$APT_LOG"
FAKE
cat >"$work/bin/apt-cache" <<'FAKE'
#!/bin/bash
[ "${!#}" = libold-dev ] || echo "Package: ${!#}"
FAKE
cat >"$work/bin/sudo" <<'FAKE'
#!/bin/bash
case $1 in tee) exec cat ;; chmod | rm) ;; *) exec "$@" ;; esac
FAKE
cat >"$work/bin/id" <<'FAKE'
#!/bin/bash
echo 1000
FAKE
chmod +x "$work"/bin/*
export APT_LOG=$work/apt.log PATH=$work/bin:$PATH

check() {  # check WHAT CONDITION…
  local what=$1
  shift
  if "$@"; then echo "ok: $what"; else echo "FAILED: $what"; cat "$work/out" "$APT_LOG" 2>/dev/null; exit 1; fi
}
run() { : >"$APT_LOG"; INSTALLED=$1 "$work/tools/setup" "${@:2}" >"$work/out" 2>&1; }

printf '# note\ncmake\nlibold-dev|libnew-dev   # either\n' >"$work/packages/build.txt"
printf 'sheller :bash\nnosuch-tool\n' >"$work/packages/test.txt"

run 'cmake libold-dev' build
check 'apt is not called when every package is there' test ! -s "$APT_LOG"

run 'cmake libnew-dev' build
check 'an alternative counts as the package' test ! -s "$APT_LOG"

run 'cmake libnew-dev nosuch-tool' test
check 'a program that is found needs no package' test ! -s "$APT_LOG"

run 'libnew-dev' build
check 'a missing package is installed' grep -q 'install -y --no-install-recommends cmake' "$APT_LOG"
check 'only what is missing is installed' bash -c '! grep -q libnew-dev "$APT_LOG"'
check 'the lock of another job is waited for' grep -q 'DPkg::Lock::Timeout=400' "$APT_LOG"

run 'cmake' build
check 'of two names the one that the archive has is installed' grep -q 'recommends libnew-dev' "$APT_LOG"

check 'an unknown list is a usage error' bash -c 'INSTALLED= "$0" nosuch >/dev/null 2>&1; [ $? = 2 ]' "$work/tools/setup"
