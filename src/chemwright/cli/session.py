"""What every command shares: JSON alone on stdout, progress and errors on stderr, exit statuses."""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from typing import Any

import typer

from chemwright.errors import ChemwrightError

OUTSIDE = (errno.ENAMETOOLONG, errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.ENOTDIR)
"""Errors of the system that are no bug of chemwright: a name too long for the disk, no rights, no space."""

Progress = Callable[[str, float | None], None]


@contextmanager
def session(as_json: bool) -> Iterator[None]:
    """Errors become one plain message on stderr (and JSON on stdout when asked for) and an exit status."""
    try:
        with quiet_stdout():
            yield
    except ChemwrightError as error:
        raise _ended(error.as_dict(), str(error), as_json, 2) from None
    except KeyboardInterrupt:
        raise _ended(
            {"kind": "interrupted", "message": "interrupted", "where": "", "fix": "run the command again: finished steps are kept"},
            "interrupted; finished steps are kept",
            as_json,
            130,
        ) from None
    except (typer.Exit, typer.Abort, BrokenPipeError):
        raise
    except OSError as error:
        if error.errno not in OUTSIDE:
            raise _bug(error, as_json) from None
        where, said, fix = str(error.filename or ""), error.strerror or str(error), "check the path, the rights to it and the space on the disk"
        data = {"kind": "storage", "message": said, "where": where, "fix": fix}
        raise _ended(data, f"{where}: {said}. {fix}", as_json, 2) from None
    except Exception as error:
        raise _bug(error, as_json) from None


def _bug(error: Exception, as_json: bool) -> Exception:
    """What to raise on an error that chemwright did not mean to raise: the error itself where its traceback is wanted."""
    if os.environ.get("CHEMWRIGHT_TRACEBACK"):
        return error
    fix = "set CHEMWRIGHT_TRACEBACK=1, run again and report it with the text that appears"
    said = f"{type(error).__name__}: {error}"[:400]
    return _ended({"kind": "bug", "message": said, "where": "", "fix": fix}, f"a bug in chemwright: {said}; {fix}", as_json, 1)


@contextmanager
def quiet_stdout() -> Iterator[None]:
    """While work is done, what is printed, by Python or by a C library, goes to stderr."""
    sys.stdout.flush()
    try:
        kept = os.dup(1)
    except OSError:  # no such descriptor, as in a windowed program
        kept = -1
    try:
        if kept >= 0:
            with suppress(OSError):
                os.dup2(2, 1)
        with redirect_stdout(sys.stderr):
            yield
    finally:
        if kept >= 0:
            _flush_c()
            os.dup2(kept, 1)
            os.close(kept)


def _flush_c() -> None:
    """Empty the C library's own buffer while it still points to stderr."""
    with suppress(Exception):
        import ctypes

        ctypes.CDLL(None).fflush(None)


def _ended(data: dict[str, Any], text: str, as_json: bool, status: int) -> typer.Exit:
    """Say what was wrong; the exit to raise."""
    print(" ".join(text.split()), file=sys.stderr)
    if as_json:
        print_json({"error": data})
    return typer.Exit(status)


def report_usage(error: Exception, as_json: bool) -> int:
    """Say what was wrong with the command line itself; exit status 2."""
    message = " ".join(str(error.format_message()).split())  # type: ignore[attr-defined]
    fix = "see chemwright --help, or --help after the command"
    print(f"{message} {fix}", file=sys.stderr)
    if as_json:
        print_json({"error": {"kind": "usage", "message": message, "where": "command line", "fix": fix}})
    return 2


def print_json(data: Any) -> None:
    """JSON on stdout, and nothing else."""
    sys.stdout.write(json.dumps(data, indent=1, ensure_ascii=True, allow_nan=False) + "\n")
    sys.stdout.flush()


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """A bar on stderr that goes when the work is done; plain lines, one a step, when stderr is no terminal."""
    if not sys.stderr.isatty():
        last = [""]

        def line(text: str, fraction: float | None) -> None:
            if text != last[0]:
                last[0] = text
                print(text if fraction is None else f"{100 * fraction:3.0f} %  {text}", file=sys.stderr, flush=True)

        yield line
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    with Progress(TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn(), console=Console(stderr=True), transient=True, redirect_stdout=False) as bar:
        task = bar.add_task("starting", total=1.0)

        def tell(text: str, fraction: float | None) -> None:
            bar.update(task, description=text, completed=fraction)  # None leaves the bar where it is

        yield tell
