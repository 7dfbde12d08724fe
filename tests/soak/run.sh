#!/bin/sh
# A thousand kills over a run of 5,000 people, each followed by the same command: the result is that of an undisturbed run.
# usage: sh tests/soak/run.sh [KILLS=1000] [PEOPLE=5000]
set -eu
cd "$(dirname "$0")/../.."
sh tests/install.sh python3 libcmocka-dev
cmake --preset release -DBUILD_TESTING=ON > /dev/null
cmake --build --preset release
exec /usr/bin/python3 tests/e2e/resume.py build/release/taxcert . "${1:-1000}" "${2:-5000}"
