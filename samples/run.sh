#!/bin/sh
# Installs what is needed (Debian 12 or 13, root or sudo), builds, and runs the sample bank's year-end run into a new folder.
set -e
cd "$(dirname "$0")/.."
sh tests/install.sh
cmake --preset release -DBUILD_TESTING=OFF -DCMAKE_COMPILE_WARNING_AS_ERROR=OFF
cmake --build --preset release
out=${1:-build/sample-run-$(date +%s)}
# 1: finished, some certificates held back (each is named above the closing line)
build/release/taxcert generate --allow-test-ids --templates templates --employees samples/bank/employees.json samples/bank/payroll.json -o "$out" || [ $? = 1 ]
echo
echo "To call it taxcert in this shell:  export PATH=\"\$PWD/build/release:\$PATH\""
