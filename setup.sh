#!/usr/bin/env bash
# Install a requirements file into a virtual environment of its own: ./setup.sh FOLDER REQUIREMENTS
# The constraints pin what the requirements bring along; REQUIREMENTS-alone.txt, where there is one, brings nothing along. OpenCV's ordinary wheel needs the system's libGL; on a machine
# without it the headless build of the same version is installed in its place (never both: they share their files).
# PYTHON=python3.12 chooses an interpreter.
set -euo pipefail
venv=$1 requirements=$2

for python in ${PYTHON:-} python3.11 python3.12 python3.13 python3; do
    "$venv/bin/python" -m pip --version >/dev/null 2>&1 && break
    rm -rf "$venv"
    if "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
        "$python" -m venv "$venv" || true # Debian's python3 without python3-venv fails here, another may not
    fi
done
if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    echo "setup: no Python 3.11, 3.12 or 3.13 with venv and pip found (TensorFlow has no wheels for others)" >&2
    exit 1
fi

chosen=$(mktemp -d)
trap 'rm -rf "$chosen"' EXIT
cp requirements*.txt constraints.txt "$chosen"
libraries='import ctypes; [ctypes.CDLL(name) for name in ("libGL.so.1", "libgthread-2.0.so.0")]'
if [ "$(uname -s)" = Linux ] && ! "$venv/bin/python" -c "$libraries" 2>/dev/null; then
    echo "setup: no libGL here, taking the headless build of OpenCV"
    sed -i 's/^opencv-contrib-python==/opencv-contrib-python-headless==/' "$chosen"/*.txt
fi
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    --requirement "$chosen/$requirements" --constraint "$chosen/constraints.txt"
alone="$chosen/${requirements%.txt}-alone.txt"
if [ -f "$alone" ]; then
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --requirement "$alone"
fi
