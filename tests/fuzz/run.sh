#!/bin/sh
# Fuzzes each target for so many seconds, two at a time, under ASan and UBSan; new inputs stay in build/fuzz/corpus.
# usage: sh tests/fuzz/run.sh [SECONDS=600] [TARGETS]
set -eu
cd "$(dirname "$0")/../.."
seconds=${1:-600}
[ $# -gt 0 ] && shift
sh tests/install.sh clang libclang-rt-14-dev libcmocka-dev
cmake --preset fuzz > /dev/null
cmake --build --preset fuzz
for target in ${*:-payroll employees template expression import ledger events sums waivers corrections form}; do
    mkdir -p "build/fuzz/corpus/$target"
    (ASAN_OPTIONS=detect_leaks=1 "build/fuzz/tests/fuzz_$target" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -max_len=20000 \
        -print_final_stats=1 -artifact_prefix="build/fuzz/$target-" "build/fuzz/corpus/$target" "tests/fuzz/corpus/$target" \
        > "build/fuzz/$target.log" 2>&1; echo "$target: exit $?"; grep -E "average_exec|number_of_executed|SUMMARY" "build/fuzz/$target.log") &
    running=$((${running:-0} + 1))
    [ $((running % 2)) -ne 0 ] || wait
done
wait
