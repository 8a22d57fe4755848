#!/usr/bin/env bash
# Set up with the test tools, then run all tests, the slow ones too, those for PostgreSQL on a server of their own. Arguments go to pytest.
# CHEMWRIGHT_POSTGRES=postgresql://... uses a server that runs already; CHEMWRIGHT_POSTGRES=no leaves those tests out.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
bash "$root/scripts/setup.sh" test,dev
venv="${CHEMWRIGHT_VENV:-$root/.venv}"
case "$venv" in /*) ;; *) venv="$PWD/$venv" ;; esac
cd "$root"
# one thread per worker: two workers, two cores, the same numbers every time
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
if [ -z "${CHEMWRIGHT_POSTGRES:-}" ]; then
    server="${TMPDIR:-/tmp}/chemwright-postgres-test-$$"
    trap 'bash scripts/postgres.sh stop "$server"' EXIT
    # where no server can be had, the tests are skipped and say why
    CHEMWRIGHT_POSTGRES="$(bash scripts/postgres.sh start "$server")" || CHEMWRIGHT_POSTGRES=no
    export CHEMWRIGHT_POSTGRES
fi
"$venv/bin/python" -m pytest -n 2 "$@"
