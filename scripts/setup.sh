# Sourced by scripts/demo and scripts/test: makes .venv with everything in it. When nothing changed since the last time, it does nothing.
# Needs Debian or Ubuntu to install system libraries by itself, and root to do so without asking.

set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv=$root/.venv

# Measured with constraints.txt on Linux, x86_64.
CPU_SIZE="192 MB to download, 0.7 GB on disk"
GPU_SIZE="2.8 GB to download"
OTHER_SIZE="0.9 GB on disk"
OLD_PYSIDE6=6.9.3
TIME_TO_STOP=10 # seconds
WANTED=".[dev,train,dask,docs]"

# Where this forbids Python to keep its byte code, each process compiles all that it imports anew: 5 s for torch, 4 for scipy.
unset PYTHONDONTWRITEBYTECODE

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
    for python in python3.11 python3.12 python3.13 python3.14 python3 /usr/bin/python3; do
        if "$python" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null; then
            echo "$python"
            return
        fi
    done
}

has_gpu() {
    [[ -e /dev/nvidia0 ]] || nvidia-smi -L >/dev/null 2>&1
}

# Says how large torch is before it is downloaded, where it is not installed yet. A build for GPUs names NVIDIA's libraries among its needs.
announce_torch() {
    local report
    [[ $(uname) == Linux ]] || return 0
    "$venv/bin/python" -c 'from importlib.metadata import version; version("torch")' 2>/dev/null && return 0
    report=$("$venv/bin/python" -m pip install --dry-run --quiet --disable-pip-version-check --no-deps --report - -c "$1" torch 2>/dev/null) || return 0
    if ! grep -qE '"(nvidia|cuda)-[a-z0-9-]+(\[[^]]*\])?[=<>!~]' <<<"$report"; then
        echo "set-up: torch is offered here as a build for the CPU: $CPU_SIZE" >&2
        return 0
    fi
    echo "set-up: torch is offered here as a build for NVIDIA GPUs: $GPU_SIZE" >&2
    if has_gpu; then
        return 0
    fi
    cat >&2 <<NOTICE
set-up: no NVIDIA GPU was found. The build for the CPU does the same with $CPU_SIZE.
To take it, stop this with Ctrl-C and run
    PIP_EXTRA_INDEX_URL=ADDRESS $0
with the address in the command that https://pytorch.org/get-started/locally/ shows for Linux, Pip and CPU.
NOTICE
    [[ ! -t 2 ]] || sleep "$TIME_TO_STOP"
}

# The pins for this system: on a C library older than 2.34, the last PySide6 that runs there.
constraints() {
    local glibc
    glibc=$(getconf GNU_LIBC_VERSION 2>/dev/null | cut -d ' ' -f 2) || glibc=
    if [[ -z $glibc || $(printf '%s\n' 2.34 "$glibc" | sort -V | head -n 1) == 2.34 ]]; then
        echo constraints.txt
        return
    fi
    sed -E "s/^(PySide6_Essentials|shiboken6)==.*/\1==$OLD_PYSIDE6/" "$root/constraints.txt" >"$venv/constraints.txt"
    echo "set-up: the C library is $glibc; PySide6 $OLD_PYSIDE6 is taken, the last that runs on it" >&2
    echo "$venv/constraints.txt"
}

make_environment() {
    local python pins
    # An environment knows its own path: one that is not whole, or was moved here, is made anew.
    if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1 || ! grep -qsF "$venv/bin/python" "$venv/bin/pip"; then
        python=$(find_python)
        if [[ -z $python ]]; then
            install_packages python3 python3-venv
            python=$(find_python)
        fi
        [[ -n $python ]] || stop "Python 3.11 to 3.14 is needed, with its venv module" "Debian 12, Ubuntu 24.04 and later have one"
        quietly "$python" -m venv --clear "$venv"
    fi
    pins=$(constraints)
    (cd "$root" && announce_torch "$pins")
    echo "set-up: installing the Python packages into .venv (some minutes, once; $OTHER_SIZE beside torch)" >&2
    # Byte code is made when a module is first imported: compiling all of them here would take longer than the download.
    if ! (cd "$root" && install_by_uv "$pins") >"$venv/uv.log" 2>&1 </dev/null; then
        echo "set-up: uv did not install them ($venv/uv.log says why); pip does, which takes longer" >&2
        (cd "$root" && quietly "$venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check -c "$pins" -e "$WANTED")
    fi
}

# uv downloads many packages at once, and unpacks them in a third of pip's processor time.
install_by_uv() (
    pins=$1
    "$venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check -c "$pins" uv || return
    # What it downloads lies beside what is made of it, so that files are linked, not copied.
    export UV_CACHE_DIR=$venv/uv UV_INDEX_STRATEGY=unsafe-best-match
    trap 'rm -rf "$UV_CACHE_DIR"' EXIT
    for section in global install :env:; do
        while IFS== read -r name value; do
            export "$name=$value"
        done < <(settings_for_uv "$section")
    done
    "$venv/bin/python" -m uv pip install --quiet --python "$venv/bin/python" -c "$pins" -e "$WANTED"
)

# The settings in a section of pip's configuration that say where packages come from, as the environment variables by which uv is told.
settings_for_uv() {
    "$venv/bin/python" -m pip config list | sed -nE "s/^$1\.(cert|constraint|find.links|no-index|(extra-)?index.url)='(.*)'$/\1 \3/p" |
        while read -r name value; do
            value=${value//\\n/ }
            case $name in
            cert) echo "SSL_CERT_FILE=$value" ;;
            find*) echo "UV_FIND_LINKS=${value// /,}" ;;
            *) echo "UV_$(tr a-z- A-Z_ <<<"$name")=$value" ;;
            esac
        done
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
