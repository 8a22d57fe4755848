"""The report as PDF, printed by a Chromium that is there: headless, without network, within a time limit."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from chemwright.errors import ConvergenceError, MissingExtra, StorageError
from chemwright.record.atomic import write_atomic

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge", "microsoft-edge")
#: where installers put it when it is not on PATH
PLACES = (
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
    r"C:\Program Files\Microsoft\Edge\Application\msedge.exe",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
VARIABLE = "CHEMWRIGHT_CHROMIUM"
_QUIET = (
    "--headless", "--disable-gpu", "--no-first-run", "--no-default-browser-check", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
    "--disable-default-apps", "--disable-domain-reliability", "--disable-breakpad", "--metrics-recording-only", "--disable-dev-shm-usage", "--no-pdf-header-footer",
    "--host-resolver-rules=MAP * ~NOTFOUND", "--proxy-server=127.0.0.1:9",
)  # fmt: skip


def find_browser() -> str:
    """Path of the browser: ``CHEMWRIGHT_CHROMIUM``, else the first of the known names on PATH or of the usual places.

    Raises:
        MissingExtra: none is there, or the variable names no file; the fix says what to install.
    """
    given = os.environ.get(VARIABLE, "")
    if given:
        found = shutil.which(given)
        if found is None:
            raise MissingExtra(f"{VARIABLE} is {given!r}, which is no program", where="report, PDF", fix=f"set {VARIABLE} to the path of Chromium, Chrome or Edge, or unset it")
        return found
    found = next((path for name in NAMES if (path := shutil.which(name))), None) or next((p for p in PLACES if Path(p).is_file()), None)
    if found is None:
        raise MissingExtra(
            "a PDF needs Chromium, Chrome or Edge, and none was found",
            where="report, PDF",
            fix=f"Debian or Ubuntu: apt install chromium; Windows: winget install Google.Chrome (Edge will do too); or set {VARIABLE} to its path; or print the HTML report from any browser",
        )
    return found


def write_pdf(html: str | Path, pdf: str | Path, timeout: float = 120.0) -> Path:
    """Print an HTML report to PDF by its print style.

    The browser runs with a profile of its own that is thrown away, and with every host name and proxy leading nowhere; the page's policy
    allows no script.

    Args:
        html: the report's file.
        pdf: file to write; replaced in one step.
        timeout: in s; the browser is ended after it.

    Returns:
        The path of the PDF.

    Raises:
        MissingExtra: no browser. ConvergenceError: it took longer than ``timeout``. StorageError: it printed nothing, or the file can't be written.
    """
    browser, target = find_browser(), Path(pdf)
    with tempfile.TemporaryDirectory(prefix="chemwright-pdf-", ignore_cleanup_errors=True) as folder:
        out = Path(folder) / "report.pdf"
        root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []  # the sandbox can't be set up by root
        command = [browser, *_QUIET, *root, f"--user-data-dir={Path(folder) / 'profile'}", f"--print-to-pdf={out}", Path(html).resolve().as_uri()]
        said = _run(command, timeout)
        if not out.is_file() or not (data := out.read_bytes()).startswith(b"%PDF-"):
            raise StorageError(f"{browser} printed no PDF: {said[-300:].strip() or 'it said nothing'}", where="report, PDF", fix="print the HTML report from the browser by hand")
        write_atomic(target, data)
    return target


def _run(command: list[str], timeout: float) -> str:
    """Run the browser in a process group of its own, so that all of it ends with it; what it said on stderr."""
    try:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)
    except OSError as error:
        raise MissingExtra(f"{command[0]} does not start: {error}", where="report, PDF", fix=f"set {VARIABLE} to the path of Chromium, Chrome or Edge") from None
    try:
        _, said = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        _end(process)
        process.communicate()
        raise ConvergenceError(
            f"the browser had not printed the report after {timeout:g} s and was ended", where="report, PDF", fix="try again, or print the HTML report by hand"
        ) from None
    except BaseException:  # an interrupt must not leave the browser behind
        _end(process)
        raise
    return said.decode(errors="replace")


def _end(process: subprocess.Popen[bytes]) -> None:
    if sys.platform == "win32":
        process.kill()
        return
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
