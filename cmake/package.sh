#!/bin/sh
# Installs what is needed (Debian 12 or 13, root or sudo) and makes the Debian package of this release, for this one: its libraries have other names in others.
set -e
cd "$(dirname "$0")/.."
sh tests/install.sh file dpkg-dev
cmake --preset package
cmake --build --preset package
cd build/package
cpack -G DEB
