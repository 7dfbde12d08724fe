#!/bin/sh
# clang-tidy over src, with .clang-tidy's groups: some minutes, so by hand and not in the test command. Needs Debian's clang-tidy.
set -e
cd "$(dirname "$0")/../.."
cmake --preset asan -DCMAKE_EXPORT_COMPILE_COMMANDS=ON > /dev/null
find src -name '*.c' -print0 | xargs -0 -P2 -n8 clang-tidy -p build/asan --quiet 2> /dev/null
echo "clang-tidy: nothing to say"
