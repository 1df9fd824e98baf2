#!/bin/bash
# run_tests_test.sh RUN_TESTS: what tools/run_tests prints and returns for a passing, a skipped and a failing test.
set -euo pipefail
unset THAW_NO_SKIP
run_tests=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/tools" "$work/build"
cp "$run_tests" "$work/tools/run_tests"
: >"$work/tools/may_skip.txt"

# tree LINES: a build folder with these tests.
tree() { printf '%s\n' "$@" >"$work/build/CTestTestfile.cmake"; }
passing='add_test(A.Passes "true")
set_tests_properties(A.Passes PROPERTIES LABELS unit)'
skipping='add_test(A.Waits "sh" "-c" "echo skip: no daemon here; exit 77")
set_tests_properties(A.Waits PROPERTIES LABELS slow SKIP_RETURN_CODE 77)'
gtest_skipping='add_test(A.Lacks "printf" "x.cpp:1: Skipped\\nno perf here\\n[  SKIPPED ] A.Lacks\\n")
set_tests_properties(A.Lacks PROPERTIES LABELS unit SKIP_REGULAR_EXPRESSION "SKIPPED")'
failing='add_test(A.Fails "sh" "-c" "echo the reason; exit 1")
set_tests_properties(A.Fails PROPERTIES LABELS unit)'

run() { (cd "$work" && tools/run_tests build "$@") >"$work/out" 2>&1; }
check() {
  local what=$1
  shift
  if "$@"; then echo "ok: $what"; else echo "FAILED: $what"; cat "$work/out"; exit 1; fi
}

tree "$passing" "$skipping"
check 'passes when tests pass or are skipped' run
check 'counts both' grep -q '^2 tests, 1 skipped: passed' "$work/out"
check 'gives the reason of a script' grep -q 'A.Waits: no daemon here' "$work/out"

tree "$gtest_skipping"
check 'passes with a skipped GoogleTest case' run
check 'gives the reason of a GoogleTest case' grep -q 'A.Lacks: no perf here' "$work/out"

export THAW_NO_SKIP=1
check 'with THAW_NO_SKIP a skipped test is a failure' bash -c '! "$@"' - bash -c "cd '$work' && tools/run_tests build >out 2>&1"
echo 'A.Lacks  # a microVM has no counters' >"$work/tools/may_skip.txt"
check 'unless it is listed in may_skip.txt' run
unset THAW_NO_SKIP

tree "$passing" "$failing"
check 'fails when a test fails' bash -c '! "$@"' - bash -c "cd '$work' && tools/run_tests build >out 2>&1"
check 'shows the output of the failed test' grep -q 'the reason' "$work/out"
check 'fails when no test matches' bash -c '! "$@"' - bash -c "cd '$work' && tools/run_tests build golden >out 2>&1"
