#!/usr/bin/env bash
# Builds what is needed and starts the gateway.
#
#   ./start.sh --demo            with an embedded emulator: no key, no internet
#   ./start.sh                   against DashScope
#   ./start.sh --port 9000       any other argument goes to the program (see --help)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/toolchain.sh
source "$here/scripts/toolchain.sh"

usage() {
    cat <<'TEXT'
Usage: ./start.sh [--demo] [--host ADDRESS] [--port PORT] [--no-install] [ARGUMENT…]

  --demo          put an emulator of DashScope behind the gateway: no key; the internet is needed by the first build only
  --host ADDRESS  address to listen on (default: HOST, or 0.0.0.0)
  --port PORT     port to listen on (default: PORT, or 8000)
  --no-install    install nothing: neither Debian packages nor, where there is none, a Swift toolchain

The first start builds the program. That needs git, the internet for the Swift packages, some nine minutes of processor time and 0.6 GB
of disk; where there is no Swift 6.2 or newer, also its toolchain (3.3 GB, into the home folder) and Debian packages by apt (root
or sudo). No key is needed to start: callers bring theirs.

Everything else goes to the program: `./start.sh serve --help` lists the options, `./start.sh check-config`, `explain`,
`healthcheck` and `emulate` are its other commands. Settings are also read from the environment and from a file .env
beside this script (KEY=value lines); variables that are set win over the file.
TEXT
}

# Reads KEY=value lines as they stand: nothing is expanded or run, and what is set already stays.
load_env() {
    local file=$1 line key value
    while IFS= read -r line || [[ -n $line ]]; do
        line=${line%$'\r'}
        [[ $line =~ ^[[:space:]]*(#|$) ]] && continue
        if [[ ! $line =~ ^[[:space:]]*(export[[:space:]]+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$ ]]; then
            say "$file: a line is not KEY=value and is left out"
            continue
        fi
        key=${BASH_REMATCH[2]}
        value=${BASH_REMATCH[3]}
        if [[ $value =~ ^\"(.*)\"[[:space:]]*(#.*)?$ || $value =~ ^\'(.*)\'[[:space:]]*(#.*)?$ ]]; then
            value=${BASH_REMATCH[1]}
        else
            value=${value%%[[:space:]]#*}
            value=${value%"${value##*[![:space:]]}"}
        fi
        if [[ ! -v $key ]]; then export "$key=$value"; fi
    done <"$file"
}

# Says who listens on the port, and fails, when the gateway could not.
check_port() {
    local host=$1 port=$2 line address holder=""
    if ! command -v ss >/dev/null 2>&1; then return 0; fi # The program itself tells when the port is in use.
    while read -r line; do
        # State, queues, local address, peer, process
        address=$(awk '{print $4}' <<<"$line")
        address=${address%:*}
        address=${address%%%*}
        case "$host:$address" in
            0.0.0.0:* | ::*:* | *:0.0.0.0 | *:"*" | *:"[::]" | "$host:$host" | localhost:127.*) holder=$line ;;
        esac
    done < <(ss -Hltnp "sport = :$port" 2>/dev/null)
    if [[ -n $holder ]]; then
        say "error: port $port is in use:"
        if [[ $holder =~ \(\"([^\"]*)\",pid=([0-9]+) ]]; then
            say "  process ${BASH_REMATCH[2]} (${BASH_REMATCH[1]}) listens on it: $(ps -o args= -p "${BASH_REMATCH[2]}" 2>/dev/null | cut -c 1-120 || true)"
        else
            say "  a process of another user listens on it; as root, \`ss -ltnp 'sport = :$port'\` names it"
        fi
        say "End it, or choose another port:  ./start.sh --port $((port + 1))"
        exit 69
    fi
}

arguments=()
host="" port="" command="" asks_help=no port_elsewhere=no
while (($# > 0)); do
    case $1 in
        -h | --help)
            # Of a command, it is the program that tells.
            if [[ -z $command ]]; then usage && exit 0; fi
            asks_help=yes
            arguments+=("$1")
            ;;
        --no-install) GATEWAY_INSTALL=no ;;
        --host | --port)
            (($# > 1)) || die "$1 needs a value"
            if [[ $1 == --host ]]; then host=$2; else port=$2; fi
            arguments+=("$1" "$2")
            shift
            ;;
        --host=*) host=${1#*=} arguments+=("$1") ;;
        --port=*) port=${1#*=} arguments+=("$1") ;;
        # The port may stand in there.
        --config | --config=* | --set | --set=*) port_elsewhere=yes arguments+=("$1") ;;
        --version) asks_help=yes arguments+=("$1") ;;
        serve | emulate | check-config | explain | healthcheck | reference | help)
            # The first word is the command; later ones are values.
            command=${command:-$1}
            arguments+=("$1")
            ;;
        *) arguments+=("$1") ;;
    esac
    shift
done

if [[ -f $here/.env ]]; then load_env "$here/.env"; fi
host=${host:-${HOST:-0.0.0.0}}
# Only what will listen needs a free port.
listens=no
if [[ $asks_help == no && ${command:-serve} == serve ]]; then
    listens=yes
    if [[ -z $port && $port_elsewhere == no && -z ${SERVER_LISTEN:-} ]]; then port=${PORT:-8000}; fi
elif [[ $asks_help == no && $command == emulate ]]; then
    listens=yes
fi
if [[ -n $port && ! ($port =~ ^[0-9]{1,5}$ && $((10#$port)) -le 65535) ]]; then die "\"$port\" is not a port"; fi

# Before the build, which may take minutes, and again after it.
if [[ $listens == yes && -n $port && $port != 0 ]]; then check_port "$host" "$port"; fi
caller=$PWD
cd "$here"
build_release || die "the gateway could not be built; the lines above say why"
if [[ $listens == yes && -n $port && $port != 0 ]]; then check_port "$host" "$port"; fi
# Relative paths among the arguments are the caller's. exec, so that signals reach the gateway itself.
cd "$caller"
exec "$here/.build/release/dashscope-gateway" ${arguments[@]+"${arguments[@]}"}
