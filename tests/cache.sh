# Read by scripts that install what tests need: `cache` is the folder to do it in.
if [ -n "${XDG_CACHE_HOME:-}" ]; then
    cache=$XDG_CACHE_HOME
elif [ -n "${HOME:-}" ]; then
    cache=$HOME/.cache
else
    # Anybody may have made a folder here first, and what is in it is run.
    cache=${TMPDIR:-/tmp}/stacks-audit-$(id -u)
    mkdir -m 700 "$cache" 2>/dev/null || { [ -d "$cache" ] && [ ! -L "$cache" ] && [ -O "$cache" ]; } || {
        echo "$cache is somebody else's: set HOME or XDG_CACHE_HOME to a folder of yours" >&2
        exit 1
    }
fi
