#!/bin/sh
# Installs what is needed (Debian 12, root or sudo), builds with sanitizers and runs every test.
set -e
cd "$(dirname "$0")/.."
sh tests/install.sh python3 python3-jsonschema python3-openpyxl python3-uno libreoffice-calc libcmocka-dev g++ qpdf poppler-utils maven default-jre-headless nodejs mount
cmake --preset release -DBUILD_TESTING=OFF > /dev/null
cmake --build --preset release
cmake --preset asan
cmake --build --preset asan
ctest --preset asan
