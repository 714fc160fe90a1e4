# Sourced by run, test and bench: which Debian packages each of them needs, and why.
# One list; the first word of a line is the package, the rest is the reason shown to the user.

packages_build='
libuv1-dev            event loops: sockets, timers, signals
libcurl4-openssl-dev  outgoing requests: page titles, feeds
zlib1g-dev            gzip of answers
libargon2-dev         password hashes (Argon2id)
libidn2-dev           host names in other scripts (IDNA)
libutf8proc-dev       case folding and word boundaries
libxxhash-dev         the hash that spreads keys over shards
'
packages_test='
python3-venv          the end-to-end tests are Python, in their own .venv
curl                  asking the server by hand in the start-up test
chromium              the browser test
chromium-driver       lets the browser test drive Chromium
'
packages_bench='
python3-venv          the drivers of the benchmarks, in their own .venv
wrk                   the load generator
nginx                 peer of the HTTP benchmarks
postgresql            peer of durable writes, with pgbench
'

# install_packages LIST: installs what is missing of one list; no apt call when nothing is.
install_packages() {
    local list=$1 missing=() name why status
    if ! command -v dpkg-query >/dev/null; then
        echo "This system has no Debian packages. Needed, under your system's names for them:" >&2
        printf '%s\n' "$list" | sed '/^$/d; s/^/  /' >&2
        return 0
    fi
    while read -r name why; do
        [ -n "$name" ] || continue
        status=$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null) || status=none
        [ "$status" != installed ] || continue
        [ ${#missing[@]} -gt 0 ] || echo "Installing Debian packages:"
        printf '  %-22s%s\n' "$name" "$why"
        missing+=("$name")
    done <<<"$list"
    [ ${#missing[@]} -gt 0 ] || return 0

    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null; then
            echo "That needs root, and there is no sudo. As root:" >&2
            echo "  apt-get install ${missing[*]}" >&2
            return 1
        fi
        as_root=(sudo)
    fi
    local log
    log=$(mktemp)
    # RUNLEVEL=1: packages with a service (nginx, postgresql) leave it stopped. Ours are started
    # by the benchmarks, on free ports, and stopped again.
    if ! { "${as_root[@]}" apt-get update -q \
        && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
            apt-get install -q -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 </dev/null
    then
        tail -n 20 "$log" >&2
        echo "apt-get failed (its last lines are above)." >&2
        rm -f "$log"
        return 1
    fi
    rm -f "$log"
}

# require_swift: Swift 6.2 or later, or a message that says where to get it.
require_swift() {
    local found
    if ! command -v swift >/dev/null; then
        found='none'
    else
        found=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9.]*\).*/\1/p')
        case "$found" in
            6.[2-9]* | 6.[1-9][0-9]* | [7-9].* | [1-9][0-9].*) return 0 ;;
        esac
    fi
    echo "Apus needs Swift 6.2 or later (found: ${found:-none})." >&2
    echo "Get it from https://www.swift.org/install/ and see that 'swift' is in your PATH." >&2
    return 1
}

# prepare_python: the Python packages of tests and benchmarks, in .venv. Call it in the repository.
prepare_python() {
    local wanted=Tests/EndToEnd/requirements.txt
    cmp -s "$wanted" .venv/requirements.txt && return 0
    echo "Making .venv for the Python tests"
    python3 -m venv .venv && .venv/bin/pip install -q --disable-pip-version-check -r "$wanted" \
        && cp "$wanted" .venv/requirements.txt
}
