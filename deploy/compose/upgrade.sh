#!/usr/bin/env bash
# Replaces the two gateways of two-gateways.yml, one after the other, by another image (GATEWAY_IMAGE) or other settings, without a gap:
# the one drains while the other takes all requests. A gateway that does not get ready ends it; the other one goes on serving.
#
#   GATEWAY_IMAGE=dashscope-gateway:NEW deploy/compose/upgrade.sh
#
# COMPOSE is the command (default: "docker compose", or "docker-compose" where that is not there), PROJECT the project's name
# (dashscope), UPGRADE_PAUSE the seconds between the two (6, above nginx's fail_timeout).
set -euo pipefail
# Nothing is replaced by a word that was not understood.
if (($# > 0)); then
    case $1 in
        -h | --help) sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" && exit 0 ;;
        *) echo "error: upgrade.sh takes no arguments, but variables: see --help" >&2 && exit 2 ;;
    esac
fi
cd -- "$(dirname -- "${BASH_SOURCE[0]}")"

if [[ -z ${COMPOSE:-} ]]; then
    if docker compose version >/dev/null 2>&1; then COMPOSE="docker compose"; else COMPOSE=docker-compose; fi
fi
read -r -a command <<<"$COMPOSE"
compose() { "${command[@]}" -p "${PROJECT:-dashscope}" -f two-gateways.yml "$@"; }

for name in gateway-a gateway-b; do
    compose up -d --no-deps "$name"
    container=$(compose ps -q "$name")
    state=starting
    for ((second = 0; second < 60; second++)); do
        state=$(docker inspect -f '{{.State.Health.Status}}' "$container")
        [[ $state != healthy ]] || break
        sleep 1
    done
    if [[ $state != healthy ]]; then
        echo "error: $name is $state after a minute, the other gateway was left alone: docker logs $container" >&2
        exit 1
    fi
    echo "$name is replaced and ready"
    # nginx finds it well again.
    sleep "${UPGRADE_PAUSE:-6}"
done
