#!/usr/bin/env bash
# Set up with the test tools, then run all tests, the slow ones too. Arguments go to pytest.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
bash "$root/scripts/setup.sh" test,dev
venv="${CHEMWRIGHT_VENV:-$root/.venv}"
case "$venv" in /*) ;; *) venv="$PWD/$venv" ;; esac
cd "$root"
# one thread per worker: two workers, two cores, the same numbers every time
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
exec "$venv/bin/python" -m pytest -n 2 "$@"
