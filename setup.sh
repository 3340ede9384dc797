#!/usr/bin/env bash
# The virtual environment of the project:
#   ./setup.sh FOLDER REQUIREMENTS   make or mend it, install a requirements file and, with requirements.txt, the package
#   ./setup.sh FOLDER --check        end with an error where it is there and is not of PYTHON
#   ./setup.sh FOLDER --remove       delete it
# The constraints pin what the requirements bring along.
# OpenCV's ordinary wheel needs the system's libGL; on a machine without it the headless build of the same version is
# installed in its place (never both: they share their files). PYTHON=python3.12 chooses an interpreter.
set -euo pipefail

refuse() {
    echo "setup: $1" >&2
    exit 1
}

version() { # of an interpreter, as 3.11; nothing where it does not run
    "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || true
}

has_pip() {
    "$venv/bin/python" -m pip --version >/dev/null 2>&1
}

remove() { # only what is empty or a virtual environment, and never a folder that we stand in
    if [ -e "$venv" ] && { [ ! -d "$venv" ] || { [ ! -f "$venv/pyvenv.cfg" ] && [ -n "$(ls -A "$venv")" ]; }; }; then
        refuse "$venv is no virtual environment (it has no pyvenv.cfg): not deleted; VENV=FOLDER names another folder"
    fi
    if [ -d "$venv" ]; then
        case "$(pwd -P)/" in
        "$(cd "$venv" && pwd -P)"/*) refuse "$venv holds this folder: not deleted; VENV=FOLDER names another folder" ;;
        esac
    fi
    rm -rf -- "$venv"
}

use() { # the environment that is there, with pip put into it where it has none
    local held wanted
    held=$(version "$venv/bin/python") wanted=$([ -z "${PYTHON:-}" ] || version "$PYTHON")
    if ! [[ $held =~ ^3\.1[123]$ ]]; then
        refuse "$venv has Python $held, not 3.11, 3.12 or 3.13: make clean, or VENV=FOLDER for another folder"
    elif [ -n "${PYTHON:-}" ] && [ "$held" != "$wanted" ]; then
        refuse "$venv has Python $held, not that of PYTHON=$PYTHON: make clean, or VENV=FOLDER for another folder"
    fi
    has_pip || "$venv/bin/python" -m ensurepip >/dev/null 2>&1 || true
    has_pip || refuse "$venv has no pip, and ensurepip cannot put it there: make clean, or VENV=FOLDER for another folder"
}

create() {
    local python
    for python in ${PYTHON:-python3.11 python3.12 python3.13 python3}; do
        if [[ $(version "$python") =~ ^3\.1[123]$ ]]; then
            remove
            if "$python" -m venv "$venv" && has_pip; then # Debian's python3 without python3-venv fails, another may not
                return
            fi
            remove
        fi
    done
    refuse "no ${PYTHON:-Python} that is 3.11, 3.12 or 3.13 and has venv and pip (TensorFlow has no wheels for others)"
}

install() { # pip's warnings are shown where it fails
    if "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-compile "$@" 2>"$scratch/errors"; then
        return
    elif grep -qE 'connection broken by|Max retries exceeded|ConnectTimeout|Read timed out' "$scratch/errors"; then
        refuse "pip could not reach the index of packages: no network, or a proxy that it is not told of (HTTPS_PROXY)?"
    else
        cat "$scratch/errors" >&2
        exit 1
    fi
}

[ $# = 2 ] && [ -n "$1" ] || refuse "usage: ./setup.sh FOLDER REQUIREMENTS | --check | --remove"
venv=$1 requirements=$2
if [ "$requirements" = --remove ]; then
    remove
    exit
elif [ -n "$(version "$venv/bin/python")" ]; then
    use
elif [ "$requirements" != --check ]; then
    create
fi
if [ "$requirements" = --check ]; then
    exit
fi

echo "setup: installing $requirements into $venv; the first time this takes minutes"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cp requirements*.txt constraints.txt "$scratch"
libraries='import ctypes; [ctypes.CDLL(name) for name in ("libGL.so.1", "libgthread-2.0.so.0")]'
if [ "$(uname -s)" = Linux ] && ! "$venv/bin/python" -c "$libraries" 2>/dev/null; then
    echo "setup: no libGL here, taking the headless build of OpenCV"
    sed -i 's/^opencv-contrib-python==/opencv-contrib-python-headless==/' "$scratch"/*.txt
fi
install --requirement "$scratch/$requirements" --constraint "$scratch/constraints.txt"
if [ "$requirements" = requirements.txt ]; then # the command `openfer`; setuptools is there, so that nothing is fetched
    install --no-deps --no-build-isolation --editable .
fi
# On all cores, which pip does not do; packages hold templates that are no Python, of which nothing is to be said.
"$venv/bin/python" -m compileall -q -j 0 "$venv"/lib/python*/site-packages >/dev/null 2>&1 || true
