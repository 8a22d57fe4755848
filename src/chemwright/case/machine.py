"""What a machine offers to chemwright, seen from where it was started: terminal, processors, rights, browser, own data."""

from __future__ import annotations

import locale
import os
import shutil
import sys
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import Any

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge", "microsoft-edge")
_WINDOWS = (r"Google\Chrome\Application\chrome.exe", r"Microsoft\Edge\Application\msedge.exe")
_MAC = ("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/Applications/Chromium.app/Contents/MacOS/Chromium")


def machine() -> dict[str, Any]:
    """What is there, and ``problems``: what will not work, each with its mend.

    Returns:
        ``{"executable", "encoding": {"stdout", "files"}, "processors", "folder": {"path", "writable"}, "chromium", "data": {"path", "cases",
        "parameter_sets"}, "problems"}``; ``chromium`` is a path or empty.
    """
    problems: list[str] = []
    stdout = (getattr(sys.__stdout__, "encoding", "") or "") if sys.__stdout__ is not None else ""
    if stdout and "utf" not in stdout.lower():
        problems.append(f"the terminal writes {stdout}: characters it lacks appear as \\u codes; set PYTHONUTF8=1 before starting (on Windows also: chcp 65001)")
    folder = Path.cwd()
    writable = can_write(folder)
    if not writable:
        problems.append(f"{folder} can't be written: change to a folder of your own before `new` or `develop`")
    browser = chromium()
    if not browser:
        problems.append("no Chromium, Chrome or Edge: the report is one HTML file that any browser opens and prints; only its printing to PDF by command needs one of these")
    data = _data()
    if not (data["cases"] and data["parameter_sets"]):
        problems.append("chemwright's own data are not complete: pip install --force-reinstall chemwright")
    return {
        "executable": sys.executable,
        "encoding": {"stdout": stdout, "files": locale.getpreferredencoding(False)},
        "processors": _processors(),
        "folder": {"path": str(folder), "writable": writable},
        "chromium": browser,
        "data": data,
        "problems": problems,
    }


def can_write(folder: Path) -> bool:
    """Whether a file can be made in a folder: tried, since rights, full disks and sandboxes differ from what their flags say."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def chromium() -> str:
    """Path of a Chromium, Chrome or Edge, empty when there is none."""
    for name in BROWSERS:
        found = shutil.which(name)
        if found:
            return found
    roots = [os.environ.get(k, "") for k in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")]
    places = [Path(root) / tail for root in roots if root for tail in _WINDOWS] + [Path(p) for p in _MAC]
    return next((str(p) for p in places if p.is_file()), "")


def _processors() -> int:
    """Processors this process may use, not those the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _data() -> dict[str, Any]:
    from chemwright.knowledge import bundled_cases, parameter_sets

    try:
        return {"path": str(files("chemwright") / "data"), "cases": bundled_cases(), "parameter_sets": parameter_sets()}
    except OSError:
        return {"path": "", "cases": [], "parameter_sets": []}
