#!/usr/bin/env bash
# Makes the container image of the release program, as an archive that `docker load` and `podman load` take. The same program, the
# same base image and the same packages of Debian make the same image to the byte: manifest, configuration and layers.
#
#   scripts/image.sh [--program FILE] [--tag NAME:TAG] [FOLDER] [-- OPTION…]
#
# In FOLDER (default: dist): dashscope-gateway-VERSION-image-ARCH.tar and its checksum. Options after -- are buildah's, such as
# --build-arg IMAGE_SOURCE=https://…; Dockerfile.prebuilt has the arguments. The image's time is SOURCE_DATE_EPOCH, or that of the
# last commit.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/toolchain.sh
source scripts/toolchain.sh

usage() { sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"; }
program="" tag="" output=dist
while (($# > 0)); do
    case $1 in
        --help | -h) usage && exit 0 ;;
        --program) program=$2 && shift 2 ;;
        --tag) tag=$2 && shift 2 ;;
        --) shift && break ;;
        -*) die "unknown argument: $1 (options of buildah's come after --)" ;;
        *) output=$1 && shift ;;
    esac
done
[[ $(uname -s) == Linux ]] || die "images are made on Linux, where the release program holds the Swift runtime"
for tool in buildah python3 strip; do
    command -v "$tool" >/dev/null 2>&1 || install_packages buildah python3 binutils || exit 1
done
if [[ -z $program ]]; then
    build_release || die "the build failed; the lines above say why"
    program=.build/release/dashscope-gateway
fi
version=$("$program" --version)
arch=$(uname -m)
tag=${tag:-dashscope-gateway:$version}
epoch=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}

work=$(mktemp -d)
made=localhost/dashscope-gateway-made:$$
trap 'buildah rmi "$made" >/dev/null 2>&1 || true; rm -rf "$work"' EXIT
mkdir -p "$work/context" "$output"
strip --strip-all -o "$work/context/dashscope-gateway" "$program"
chmod 755 "$work/context/dashscope-gateway"
touch -d "@$epoch" "$work/context/dashscope-gateway"
# Docker's format: OCI's has no health check.
buildah bud --quiet --no-cache --layers=false --format docker --timestamp "$epoch" -f Dockerfile.prebuilt -t "$made" "$@" \
    "$work/context" >"$work/build.log" 2>&1 || { cat "$work/build.log" >&2 && die "buildah failed"; }
buildah push --quiet --disable-compression --format v2s2 "$made" "dir:$work/image" >/dev/null

archive=$output/dashscope-gateway-$version-image-$arch.tar
python3 - "$work/image" "$tag" "$archive" <<'PYTHON'
"""Writes the archive without what differs from one build to the next: the name and the host of the container that made it."""
import hashlib
import json
import pathlib
import sys
import tarfile

image, tag, archive = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
manifest = json.loads((image / "manifest.json").read_bytes())
config = json.loads((image / manifest["config"]["digest"].split(":")[1]).read_bytes())
for member in ("id", "parent", "container", "container_config"):
    config.pop(member, None)
config["config"]["Hostname"] = ""


def put(tar, name, file, size):
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o644
    tar.addfile(entry, file)


def put_json(tar, name, value):
    content = json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
    path = image / "written"
    path.write_bytes(content)
    with path.open("rb") as file:
        put(tar, name, file, len(content))


name = hashlib.sha256(json.dumps(config, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
layers = [layer["digest"].split(":")[1] for layer in manifest["layers"]]
with tarfile.open(archive, "w", format=tarfile.USTAR_FORMAT) as tar:
    put_json(tar, f"{name}.json", config)
    for layer in layers:
        path = image / layer
        with path.open("rb") as file:
            put(tar, f"{layer}.tar", file, path.stat().st_size)
    entry = {"Config": f"{name}.json", "RepoTags": [tag], "Layers": [f"{layer}.tar" for layer in layers]}
    put_json(tar, "manifest.json", [entry])
print(f"{archive}: {tag}, image sha256:{name}")
PYTHON
(cd "$output" && sha256sum "${archive##*/}" >"${archive##*/}.sha256")
