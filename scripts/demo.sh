#!/usr/bin/env bash
# Set up, then develop the bundled case: measured runs to a priced plant. Arguments go to `chemwright demo` (try --json).
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
bash "$root/scripts/setup.sh"
exec "${CHEMWRIGHT_VENV:-$root/.venv}/bin/chemwright" demo "$@"
