# For the scripts beside: makes a root of a Debian release with nothing installed, $root, and enters it. Needs root and mmdebstrap. The host's
# package sources for Debian itself, its proxy and its local certificates are used.

# $1: the release. Sets $root.
make_root() {
    made=$(mktemp -d "${TMPDIR:-/tmp}/taxcert-fresh.XXXXXX")
    root=$made/root
    mkdir "$made/sources"
    # Only Debian's own sources: a host may have more. For another release than the host's its name is put in their place.
    . /etc/os-release
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/debian.*; do
        [ -s "$file" ] && sed "s/$VERSION_CODENAME/$1/g" "$file" > "$made/sources/$(basename "$file")"
    done
    mmdebstrap --variant=apt --skip=cleanup/apt --setup-hook='mkdir -p "$1/etc/apt/sources.list.d"' "$1" "$root" "$made"/sources/* > "$made/mmdebstrap.log" 2>&1 \
        || { cat "$made/mmdebstrap.log"; exit 1; }
    for file in /etc/apt/apt.conf.d/*proxy* /etc/apt/apt.conf; do
        [ -f "$file" ] && cp "$file" "$root/etc/apt/apt.conf.d/99host-$(basename "$file")"
    done
    if [ -d /usr/local/share/ca-certificates ]; then # a host behind a proxy of its own has these
        mkdir -p "$root/usr/local/share/ca-certificates"
        cp -r /usr/local/share/ca-certificates/. "$root/usr/local/share/ca-certificates/"
    fi
    cp /etc/resolv.conf "$root/etc/resolv.conf"
    mount -t proc proc "$root/proc"
    mount --bind /dev "$root/dev"
    trap 'umount "$root/dev" "$root/proc"' EXIT
}

# Runs the script there, with nothing of the host's surroundings but its proxy.
in_root() {
    chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root http_proxy="${http_proxy-}" https_proxy="${https_proxy-}" sh "$1"
}
