# Sourced by scripts/demo and scripts/test: makes .venv with everything in it. When nothing changed since the last time, it does nothing.
# Needs Debian or Ubuntu to install system libraries by itself, and root to do so without asking.

set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv=$root/.venv

stop() {
    printf 'set-up: %s\n' "$@" >&2
    exit 1
}

# Runs a command quietly; when it fails, shows the end of what it said.
quietly() {
    local log
    log=$(mktemp)
    if ! "$@" >"$log" 2>&1 </dev/null; then
        tail -n 30 "$log" >&2
        stop "this failed: $*" "all it said is in $log"
    fi
    rm -f "$log"
}

# What Qt, OpenGL and the tests load at run time: file or shared library, and the package it comes in.
missing_packages() {
    local libraries name package
    libraries=$(/sbin/ldconfig -p 2>/dev/null || ldconfig -p)
    while read -r name package; do
        [[ $libraries == *"$name "* ]] || echo "$package"
    done <<'LIBRARIES'
libxcb-icccm.so.4 libxcb-icccm4
libxcb-keysyms.so.1 libxcb-keysyms1
libxcb-cursor.so.0 libxcb-cursor0
libxcb-shape.so.0 libxcb-shape0
libxcb-randr.so.0 libxcb-randr0
libxkbcommon-x11.so.0 libxkbcommon-x11-0
libEGL.so.1 libegl1
libGL.so.1 libgl1
libGLX_mesa.so.0 libglx-mesa0
libEGL_mesa.so.0 libegl-mesa0
libdbus-1.so.3 libdbus-1-3
libfontconfig.so.1 libfontconfig1
libglib-2.0.so.0 libglib2.0-0
LIBRARIES
    command -v Xvfb >/dev/null || echo xvfb
    command -v xauth >/dev/null || echo xauth
    [[ -n $(find /usr/share/fonts -name '*.[to]tf' -print -quit 2>/dev/null) ]] || echo fonts-dejavu-core
}

install_packages() {
    local packages=("$@")
    command -v apt-get >/dev/null || stop "these libraries are missing (Debian's names): ${packages[*]}" "install them, then run this again"
    if [[ $(id -u) != 0 ]]; then
        stop "these packages are missing; install them, then run this again:" "  sudo apt-get install -y ${packages[*]}"
    fi
    echo "set-up: installing ${packages[*]}" >&2
    export DEBIAN_FRONTEND=noninteractive
    quietly apt-get update
    quietly apt-get install -y --no-install-recommends "${packages[@]}"
}

# A Python that the pinned packages exist for and that can make environments; prints nothing when there is none.
find_python() {
    local python
    for python in python3.11 python3.12 python3.13 python3 /usr/bin/python3; do
        if "$python" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
            echo "$python"
            return
        fi
    done
}

make_environment() {
    local python
    # An environment knows its own path: one that is not whole, or was moved here, is made anew.
    if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1 || ! grep -qsF "$venv/bin/python" "$venv/bin/pip"; then
        python=$(find_python)
        if [[ -z $python ]]; then
            install_packages python3 python3-venv
            python=$(find_python)
        fi
        [[ -n $python ]] || stop "Python 3.11, 3.12 or 3.13 is needed, with its venv module" "Debian 12, Ubuntu 24.04 and later have one"
        quietly "$python" -m venv --clear "$venv"
    fi
    echo "set-up: installing the Python packages into .venv (some minutes, once)" >&2
    # Byte code is made when a module is first imported: compiling all of them here would take longer than the download.
    (cd "$root" && quietly "$venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
        -c constraints.txt -e '.[dev,train,dask,docs]')
}

set_up() {
    local packages stamp
    mapfile -t packages < <(missing_packages)
    ((${#packages[@]} == 0)) || install_packages "${packages[@]}"
    stamp=$(cd "$root" && sha256sum pyproject.toml constraints.txt && echo "$root")
    if [[ $stamp != "$(cat "$venv/stamp" 2>/dev/null)" ]]; then
        rm -f "$venv/stamp"
        make_environment
        echo "$stamp" >"$venv/stamp"
    fi
}

set_up
