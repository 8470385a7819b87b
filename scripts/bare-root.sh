# shellcheck shell=bash
# A Debian of which nothing but the essentials is installed, in a folder. Sourced, after toolchain.sh, by checks that run
# as root.

# make_bare_root FOLDER: made once, then unpacked.
make_bare_root() {
    local folder=$1 archive=.build/bare-debian.tar device
    if [[ ! -e $archive ]]; then
        install_packages mmdebstrap || return 1
        say "Making a bare Debian root (about a minute, once) …"
        mkdir -p .build
        mmdebstrap --quiet --variant=minbase --dpkgopt=path-exclude='/usr/share/doc/*' \
            --dpkgopt=path-exclude='/usr/share/man/*' --dpkgopt=path-exclude='/usr/share/locale/*' \
            bookworm "${archive%.tar}.new.tar" && mv "${archive%.tar}.new.tar" "$archive" || return 1
    fi
    mkdir -p "$folder/dev/pts" "$folder/proc"
    tar -xf "$archive" -C "$folder" --exclude='./dev/*' || return 1
    for device in null zero full random urandom; do cp -a "/dev/$device" "$folder/dev/$device"; done
    ln -s /proc/self/fd "$folder/dev/fd"
    ln -s pts/ptmx "$folder/dev/ptmx"
    [[ ! -e $folder/usr/bin/swift && ! -e $folder/usr/bin/git ]] || die "the root is not bare"
}

# in_bare_root FOLDER COMMAND…: with /proc and terminals as on any machine and in any container, which go with the
# process, and with nothing of this machine's environment.
in_bare_root() {
    local folder=$1
    shift
    # shellcheck disable=SC2016
    exec unshare --mount --propagation private sh -c '
        mount -t proc proc "$0/proc" && mount -t devpts -o newinstance,ptmxmode=0666 devpts "$0/dev/pts" &&
        exec env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
            chroot "$0" "$@"' "$folder" "$@"
}
