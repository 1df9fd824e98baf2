#!/bin/bash
# completion_test.sh BUILD SOURCE: the completions and the manual page know the program's own words.
set -euo pipefail
build=$(realpath "$1") source=$(realpath "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/consumption/checks.sh
. "$source/tests/consumption/checks.sh"

thaw=$(find "$build" -name thaw -type f -perm -u+x -print -quit)
PATH=$(dirname "$thaw"):$PATH
# shellcheck source=share/bash-completion/completions/thaw
. "$source/share/bash-completion/completions/thaw"

# completed WORD…: what bash offers for the last of the words.
completed() {
  COMP_WORDS=("$@")
  COMP_CWORD=$(($# - 1))
  COMPREPLY=()
  _thaw
  printf '%s\n' "${COMPREPLY[@]}"
}
offers() {  # offers WORD ARGUMENT…
  local word=$1 offered
  shift
  offered=$(completed "$@")  # whole before it is searched: a reader that leaves early ends the writer by SIGPIPE
  grep -q -x -e "$word" <<<"$offered"
}

check 'commands' offers bench thaw be
check 'long options' offers --repeat thaw bench --rep
check 'short options' offers -b thaw bench -
check 'shipped backends' offers perf thaw bench -b pe
check 'stopping rules' offers hdi thaw bench --repeat h
check 'parts of a command' offers sweep thaw sim sw
check 'options of a part' offers --memory thaw sim sweep --mem
check 'engines' offers slurm thaw sim sweep --engine s
check 'parts of trace' offers schedule thaw trace sch
check 'options of a part of trace' offers --granularity thaw trace schedule --gr
check 'laws of arrivals' offers poisson thaw trace schedule --iat p
check 'synthetic laws' offers azure2019 thaw trace synth --like a
check 'routes' offers least-loaded thaw sim run --route l
check 'policies' offers long-ttl thaw sim run --policy lo
check 'topics of help' offers exit-codes thaw help ex
mark=$work/ran
printf '#!/bin/sh\ntouch %s\n' "$mark" >"$work/program"
chmod +x "$work/program"
check 'options behind a program' offers --repeat thaw bench "$work/program" --rep
check 'the program is not run for them' test ! -e "$mark"
check 'nothing of ours after --' test -z "$(completed thaw bench -- ./f --rep)"

if command -v zsh >/dev/null; then
  check 'the zsh completion is well-formed' zsh -n "$source/share/zsh/site-functions/_thaw"
else
  echo 'no zsh here; its completion was not checked'
fi

# The first long name of every option of every command, and of every part of one, is in the manual page.
page=$(sed -e 's/\\-/-/g' "$source/share/man/man1/thaw.1")
check_options() {  # check_options COMMAND [PART]
  local option
  for option in $(thaw "$@" --help | grep -o -E '^ +(-[a-zA-Z],)?--[a-z][a-z-]*' | grep -o -E -e '--[a-z-]+'); do
    check "the manual page explains thaw $* $option" grep -q -E -e "(Fl|,) -?${option#--}( |$|,)" <<<"$page"
  done
}
for command in $(_thaw_commands thaw); do
  mapfile -t parts < <(_thaw_commands thaw "$command")
  if [ ${#parts[@]} -eq 0 ]; then check_options "$command"; fi
  for part in "${parts[@]}"; do check_options "$command" "$part"; done
done
