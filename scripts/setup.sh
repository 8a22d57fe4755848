#!/usr/bin/env bash
# Make the virtual environment (once) and install chemwright into it. Usage: setup.sh [extras], as in: setup.sh test,dev
# CHEMWRIGHT_VENV chooses the folder (default: .venv beside pyproject.toml), PYTHON the interpreter. All messages go to stderr.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
venv="${CHEMWRIGHT_VENV:-$root/.venv}"
extras="${1:-}"

say() { printf '%s\n' "$*" >&2; }

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
    local candidate
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11 python}; do
        if new_enough "$candidate"; then
            printf '%s' "$candidate"
            return 0
        fi
    done
    return 1
}

if ! new_enough "$venv/bin/python" || ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    if ! python="$(find_python)"; then
        say "chemwright needs Python 3.11 or newer; found: $("${PYTHON:-python3}" --version 2>&1 || true)"
        say "Install it (Debian 12, Ubuntu 24.04 or newer: sudo apt-get install python3 python3-venv), or name one: PYTHON=python3.12 bash scripts/demo.sh"
        exit 1
    fi
    if ! "$python" -c 'import venv, ensurepip' >/dev/null 2>&1; then
        say "Python's venv module is missing. Install it and run this again: sudo apt-get install python3-venv"
        exit 1
    fi
    say "Making the virtual environment $venv ..."
    "$python" -m venv --clear "$venv" >&2
fi

mkdir -p "$venv"
stamp="$venv/.chemwright-$(printf '%s' "${extras:-base}" | tr -c 'a-zA-Z0-9' '-')"
state="$root $(cksum <"$root/pyproject.toml")"
if [ "$(cat "$stamp" 2>/dev/null || true)" != "$state" ]; then
    say "Installing chemwright${extras:+ with [$extras]} (a few minutes the first time) ..."
    case ",$extras," in
    *,test,* | *,learn,*)
        # named exactly, so that what follows can't pull another build of several GB
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check torch==2.13.0 >&2
        ;;
    esac
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --editable "$root${extras:+[$extras]}" >&2
    printf '%s' "$state" >"$stamp"
fi
