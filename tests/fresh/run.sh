#!/bin/sh
# Proves the README's two commands on a fresh Debian, 12 (bookworm) or 13 (trixie): puts the committed tree into a root with nothing installed, and runs
# both there. usage: sh tests/fresh/run.sh [RELEASE=bookworm]
set -eu
release=${1:-bookworm}
tree=$(cd "$(dirname "$0")/../.." && pwd)
. "$tree/tests/fresh/root.sh"
make_root "$release"
mkdir "$root/taxcert"
git -C "$tree" archive HEAD | tar -x -C "$root/taxcert"
for command in samples/run.sh tests/run.sh; do
    echo "== fresh root: sh $command"
    in_root "/taxcert/$command"
done
echo "fresh root of $release: both commands passed ($root)"
