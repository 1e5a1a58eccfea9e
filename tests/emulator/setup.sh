#!/bin/sh
# Makes the emulator's Python environment, once, and prints the path of its interpreter as the last line.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=tests/cache.sh
. "$here/../cache.sh"
venv=${STACKS_AUDIT_VENV:-$cache/stacks-audit/venv}
wanted=$here/requirements.txt
installed=$venv/requirements.txt

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else
        echo "python3-venv is missing: install it (apt-get install python3-venv) and run this again" >&2
        return 1
    fi
}

make_venv() {
    # An interrupted attempt leaves a folder that nothing marks as finished.
    rm -rf "$venv"
    if ! python3 -c 'import venv, ensurepip' 2>/dev/null; then
        as_root apt-get -qq update >&2
        as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y python3-venv >&2
    fi
    python3 -m venv "$venv" >&2
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$wanted" >&2
    cp "$wanted" "$installed"
}

mkdir -p "$(dirname -- "$venv")"
# Two test processes may come at once: the second waits, and finds it done.
exec 9>"$venv.lock"
flock 9
cmp -s "$wanted" "$installed" || make_venv 9>&- # what a package starts and leaves running must not keep the lock
echo "$venv/bin/python"
