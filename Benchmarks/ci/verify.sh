#!/bin/sh
# Published figures, checked in any CI that runs a shell, and against the last run's own:
#   Benchmarks/ci/verify.sh [FOLDER of archived weights]
# Its exit code is that of 'searchlight verify': 0 all as expected, 1 not reproduced or worse than
# the last run, 2 cannot tell, 3 not measured.
set -eu
program=.build/release/searchlight
[ -x "$program" ] || swift build -c release
set -- ${1:+--level architecture,checkpoint,replay --checkpoints "$1"}
[ $# -gt 0 ] || set -- --level architecture
[ ! -f verify-last.json ] || set -- "$@" --baseline verify-last.json
code=0
"$program" verify "$@" --json --junit junit.xml >verify-now.json || code=$?
[ "$code" -ne 0 ] || mv verify-now.json verify-last.json
exit "$code"
