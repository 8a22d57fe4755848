"""The command ``chemwright``: the same verbs as the Python interface, no logic of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "NUMEXPR_NUM_THREADS")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; ends with exit status 0, 2 (an error that the user can mend), 1 (a bug, or a failed `check`) or 130 (interrupted).

    Args:
        arguments: in place of ``sys.argv[1:]``.
    """
    for name in THREADS:  # before numpy loads: the order of sums, and with it the last digits, shall not depend on the machine's cores
        os.environ[name] = "1"
    for stream in (sys.stdout, sys.stderr):  # a code page without a character shows its number, and no command ends because of it
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    from chemwright.cli import commands  # noqa: F401  (it registers every command)
    from chemwright.cli.app import app
    from chemwright.cli.session import report_usage

    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        status = app(given, standalone_mode=False, prog_name="chemwright")
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        status = 130
    except Exception as error:
        if not hasattr(error, "format_message"):  # typer's own errors have it: an option that is not known, an argument left out
            if type(error).__name__ != "Abort":
                raise
            status = 130
        else:
            status = report_usage(error, as_json="--json" in given)
    sys.exit(status if isinstance(status, int) else 0)
