#!/bin/sh
# Installs the build's packages and those named, unless all are there. Debian 12, root or sudo.
set -e
packages="gcc libc6-dev cmake ninja-build pkg-config libhpdf-dev libjansson-dev libxlsxwriter-dev libsqlite3-dev libharfbuzz-dev libutf8proc-dev libdeflate-dev libssl-dev libminizip-dev libisal-dev zlib1g-dev libexpat1-dev libzint-dev libqpdf-dev libcurl4-openssl-dev libidn2-dev $*"
# Without it what only looks keeps its system calls: taxcert --version --verbose
optional="libseccomp-dev"
dpkg -s $packages $optional > /dev/null 2>&1 && exit 0
as_root=""
[ "$(id -u)" = 0 ] || as_root=sudo
$as_root apt-get update -q
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -qy --no-install-recommends $packages
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -qy --no-install-recommends $optional || echo "without: $optional"
