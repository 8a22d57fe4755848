"""Run a tutorial: every command of its console blocks in order, in an empty folder, and its output against the lines shown.

    python scripts/run_tutorial.py docs/tutorial.md [docs/tutorial.zh.md ...]

Documents beside the first must hold the same commands and files, and are held against the same outputs, so that all run once.

What is read in a document: ``console`` blocks (a command after ``$``, going on after a backslash at the line's end, then the lines it
prints; ``...`` alone stands for any lines, in a line for any text), and blocks after ``<!-- write FILE -->`` or ``<!-- append FILE -->``.
Numbers with a decimal point may differ by 5 %, whole ones may not. A block ``console fails`` shows an error: status 2, on stderr.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

NUMBER = re.compile(r"(?<![\w.-])[-+]?\d+\.\d+(?:e[-+]?\d+)?(?![\w.]\d)")
BLOCK = re.compile(r"(?:<!-- (?P<do>write|append) (?P<file>\S+) -->\n)?^```(?P<info>[^\n]*)\n(?P<body>.*?)^```$", re.M | re.S)
TOLERANCE = 0.05


@dataclass(frozen=True)
class Step:
    """One thing that a reader does: ``action`` is run, write or append; ``what`` the command or the file; ``text`` what goes into it."""

    action: str
    what: str
    text: str = ""
    fails: bool = False
    shown: tuple[str, ...] = ()
    line: int = 0

    @property
    def deed(self) -> tuple[str, str, str, bool]:
        """What is done, apart from where it stands and what is shown."""
        return (self.action, self.what, self.text, self.fails)


def parse(text: str) -> list[Step]:
    """The steps of a document."""
    steps: list[Step] = []
    for block in BLOCK.finditer(text):
        line = text.count("\n", 0, block.start("body")) + 1
        kind, *more = block["info"].split() or [""]
        if block["do"]:
            steps.append(Step(block["do"], block["file"], block["body"], line=line))
        elif kind == "console":
            steps += _commands(block["body"], "fails" in more, line)
    return steps


def _commands(body: str, fails: bool, line: int) -> list[Step]:
    """The commands of one console block."""
    steps: list[Step] = []
    for i, part in enumerate(re.split(r"^\$ ", body, flags=re.M)):
        if i == 0:
            if part.strip():
                raise ValueError(f"line {line}: a console block begins with '$ '")
            continue
        joined = re.sub(r"\\\n\s*", "", part)
        command, _, output = joined.partition("\n")
        steps.append(Step("run", command.strip(), fails=fails, shown=tuple(x for x in map(_flat, output.splitlines()) if x), line=line))
        line += part.count("\n")
    return steps


def _flat(text: str) -> str:
    """A line with single spaces and rules of one length."""
    return re.sub("─+", "─", " ".join(text.split()))


def run(steps: Sequence[Step], folder: Path) -> list[list[str]]:
    """The output of each step, as lines without the blank ones.

    Raises:
        RuntimeError: a command ends with another status than it should.
    """
    return [_do(step, folder) for step in steps]


def _do(step: Step, folder: Path) -> list[str]:
    if step.action != "run":
        path = folder / step.what
        path.write_text((path.read_text(encoding="utf-8") if step.action == "append" else "") + step.text, encoding="utf-8")
        return []
    words = shlex.split(step.what)
    if words[:2] == ["cp", "-r"]:
        shutil.copytree(folder / words[2], folder / words[3])
        return []
    if words[0] == "cat":
        out = (folder / words[1]).read_text(encoding="utf-8")
    elif words[0] == "chemwright":
        env = {**os.environ, "COLUMNS": "80", "PYTHONUTF8": "1"}
        ran = subprocess.run([sys.executable, "-m", "chemwright", *words[1:]], cwd=folder, env=env, capture_output=True, encoding="utf-8", stdin=subprocess.DEVNULL, check=False)
        if ran.returncode != (2 if step.fails else 0):
            raise RuntimeError(f"line {step.line}: {step.what}\nstatus {ran.returncode}\n{ran.stderr[-2000:]}")
        out = ran.stderr if step.fails else ran.stdout
    else:
        raise RuntimeError(f"line {step.line}: only chemwright, cat and cp -r are run, not {step.what!r}")
    return [x for x in map(_flat, out.splitlines()) if x]


def differences(steps: Sequence[Step], outputs: Sequence[list[str]]) -> list[str]:
    """Where what is shown is not what was printed, one sentence each; empty when all holds."""
    found = []
    for step, printed in zip(steps, outputs, strict=True):
        at, gap = 0, False
        for line in step.shown:
            if line == "...":
                gap = True
                continue
            places = range(at, len(printed)) if gap else range(at, min(at + 1, len(printed)))
            hit = next((i for i in places if same(line, printed[i])), None)
            if hit is None:
                found.append(f"line {step.line}: {step.what}\n  shown:   {line}\n  printed: " + "\n           ".join(printed[at : at + 12] or ["nothing more"]))
                break
            at, gap = hit + 1, False
        else:
            if step.shown and not gap and at < len(printed):
                found.append(f"line {step.line}: {step.what}\n  prints more than is shown: {printed[at]}")
    return found


def same(shown: str, printed: str) -> bool:
    """Whether two lines agree: texts exactly (``...`` any), whole numbers exactly, numbers with a decimal point within 5 %."""
    pattern = "".join(r"(\S+)" if i % 2 else ".*".join(map(re.escape, text.split("..."))) for i, text in enumerate(_parted(shown)))
    match = re.fullmatch(pattern, printed)
    if match is None:
        return False
    for text, got in zip(NUMBER.findall(shown), match.groups(), strict=True):
        try:
            a, b = float(text), float(got)
        except ValueError:
            return False
        if not abs(a - b) <= TOLERANCE * max(abs(a), abs(b)):  # a nan agrees with nothing
            return False
    return True


def _parted(line: str) -> list[str]:
    """Text, number, text, number, ..., text."""
    out, end = [], 0
    for match in NUMBER.finditer(line):
        out += [line[end : match.start()], match.group()]
        end = match.end()
    return [*out, line[end:]]


def main(paths: Sequence[str]) -> int:
    """Run the documents named; 1 when any does not hold."""
    documents = {path: parse(Path(path).read_text(encoding="utf-8")) for path in paths}
    first = next(iter(documents.values()))
    with tempfile.TemporaryDirectory() as folder:
        outputs = run(first, Path(folder))
    bad = 0
    for path, steps in documents.items():
        unlike = [f"line {b.line}: other step than in the first document: {b.what}" for a, b in zip(first, steps, strict=False) if a.deed != b.deed]
        unlike += [f"{len(steps)} steps, {len(first)} in the first document"] if len(steps) != len(first) else []
        problems = unlike or differences(steps, outputs)
        bad += len(problems)
        for problem in problems:
            print(f"{path}, {problem}")
        print(f"{path}: {len(steps)} steps, {len(problems)} problems")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
