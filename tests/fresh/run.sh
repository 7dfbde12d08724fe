#!/bin/sh
# Proves the README's two commands on a fresh Debian, 12 (bookworm) or 13 (trixie): makes a root with nothing installed, puts the committed tree into it, and runs
# both there. Needs root and mmdebstrap. The host's package sources for Debian itself, its
# proxy and its local certificates are used. usage: sh tests/fresh/run.sh [RELEASE=bookworm]
set -eu
release=${1:-bookworm}
tree=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/taxcert-fresh.XXXXXX")
root=$work/root
mkdir "$work/sources"
# Only Debian's own sources: a host may have more. For another release than the host's its name is put in their place.
. /etc/os-release
for file in /etc/apt/sources.list /etc/apt/sources.list.d/debian.*; do
    [ -s "$file" ] && sed "s/$VERSION_CODENAME/$release/g" "$file" > "$work/sources/$(basename "$file")"
done
mmdebstrap --variant=apt --skip=cleanup/apt --setup-hook='mkdir -p "$1/etc/apt/sources.list.d"' "$release" "$root" "$work"/sources/* > "$work/mmdebstrap.log" 2>&1 \
    || { cat "$work/mmdebstrap.log"; exit 1; }
for file in /etc/apt/apt.conf.d/*proxy* /etc/apt/apt.conf; do
    [ -f "$file" ] && cp "$file" "$root/etc/apt/apt.conf.d/99host-$(basename "$file")"
done
if [ -d /usr/local/share/ca-certificates ]; then # a host behind a proxy of its own has these
    mkdir -p "$root/usr/local/share/ca-certificates"
    cp -r /usr/local/share/ca-certificates/. "$root/usr/local/share/ca-certificates/"
fi
cp /etc/resolv.conf "$root/etc/resolv.conf"
mkdir "$root/taxcert"
git -C "$tree" archive HEAD | tar -x -C "$root/taxcert"
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
trap 'umount "$root/dev" "$root/proc"' EXIT
for command in samples/run.sh tests/run.sh; do
    echo "== fresh root: sh $command"
    chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root http_proxy="${http_proxy-}" https_proxy="${https_proxy-}" sh "/taxcert/$command"
done
echo "fresh root of $release: both commands passed ($root)"
