"""Case: the one stateful class. A folder, its record, its decision log, and the steps that follow from them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack, nullcontext
from pathlib import Path
from typing import Any

from attrs import evolve

from chemwright.case import steps
from chemwright.case.environment import file_hash, meta
from chemwright.case.folder import CaseFolder, decisions_file, record_file, step_file
from chemwright.case.steps import MemoryStore, Progress, money
from chemwright.errors import InputError, StorageError
from chemwright.record import CaseRecord, Decision, content_hash
from chemwright.record.atomic import write_atomic
from chemwright.record.convert import converter

REPORT = "report.html"
UNLOCKED = "the disk can't lock files: do not let two processes work on this case"


class Case:
    """One product on its way from data to a priced plant.

    Make it with :meth:`new`, :meth:`open` or :meth:`from_toml`. Results are plain data in SI, kept in the case's folder (in memory
    when it has none); a step is computed when it is asked for, and again only when what it read has changed.
    """

    def __init__(self, record: CaseRecord, folder: str | Path | None = None, decisions: Iterable[Decision] = (), notes: Iterable[str] = ()) -> None:
        self._record = record
        self._store: CaseFolder | MemoryStore = MemoryStore() if folder is None else CaseFolder(folder)
        self._decisions = tuple(decisions)
        self._how: dict[str, str] = {}
        self._notes = list(notes)

    @classmethod
    def new(
        cls, name: str, folder: str | Path | None = None, *, target: str, capacity: str, species: Mapping[str, str], solvent: str, reactions: Iterable[str], prior: str, purity: str | float = "98 wt%",
        experiments: str | Path | None = None, response: str = "e_factor", kinetics: Mapping[str, Any] | None = None, plant: Mapping[str, Any] | None = None, source: str = "", seed: int = 0,
    ) -> Case:  # fmt: skip
        """A case from Python, with what a case file would say.

        Args:
            name, target, capacity, purity: as in [case].
            folder: where it is kept; in memory when None.
            species: key to SMILES, name or CAS number.
            solvent: name.
            reactions: texts in species keys, called r1, r2, ...
            prior: name of a parameter set.
            experiments, response, source: CSV file of runs, its measured column, its origin.
            kinetics, plant: further keys of [kinetics] and [plant].
            seed: of everything that draws random numbers.

        Raises:
            ChemwrightError: as :func:`chemwright.case.read.read_case`; StorageError when the folder holds a case already.
        """
        from chemwright.case.read import record_of

        runs = None if experiments is None else Path(experiments)
        data: dict[str, Any] = {
            "case": {"name": name, "target": target, "capacity": capacity, "purity": purity},
            "species": dict(species),
            "solvent": {"name": solvent},
            "reaction": [{"id": f"r{i}", "text": text} for i, text in enumerate(reactions, start=1)],
            "kinetics": {**(kinetics or {}), "prior": prior},
            "plant": {k: list(v) if isinstance(v, tuple) else v for k, v in (plant or {}).items()},
        }
        if runs is not None:
            data["experiments"] = {"file": runs.name, "response": response, **({"source": source} if source else {})}
        if folder is not None and CaseFolder(folder).exists():
            raise StorageError("the folder holds a case already", where=str(folder), fix="choose another folder, or open it with Case.open")
        case = cls(record_of(data, Path() if runs is None else runs.parent, "Case.new", seed=seed), folder)
        case._begin("")
        return case

    @classmethod
    def open(cls, folder: str | Path) -> Case:
        """The case in a folder. One of an older schema version is upgraded, its old files kept in a folder beside.

        Raises:
            StorageError: no case there, corrupt, or of a newer chemwright.
        """
        from chemwright.case.upgrade import upgrade

        files = CaseFolder(folder)
        said = upgrade(files)
        record, decisions = files.read_both()
        return cls(record, folder, decisions, [said] if said else ())

    @classmethod
    def from_toml(cls, path: str | Path, out: str | Path | None = None, *, seed: int = 0) -> Case:
        """The case of a case file, kept in ``out`` (the file's name with the ending ``.case`` when None).

        An unchanged file is not read again; a changed one keeps the decisions that people logged and the steps that still hold.

        Raises:
            ChemwrightError: as :func:`chemwright.case.read.read_case`; StorageError when the folder holds another case.
        """
        from chemwright.case import origin

        file = Path(path)
        files = CaseFolder(file.with_suffix(".case") if out is None else out)
        record, notes, key = origin.load(file, files, seed)
        case = cls(record, files.path, files.read_decisions(), notes)
        case._begin(key)
        return case

    @classmethod
    def at(cls, path: str | Path, out: str | Path | None = None, *, seed: int | None = None) -> Case:
        """The case of a case file or of a case folder, whichever the path is.

        Args:
            path: ``case.toml`` or a folder.
            out: as in :meth:`from_toml`; a folder is its own place.
            seed: None keeps a folder's seed, and is 0 for a file.

        Raises:
            ChemwrightError: as :meth:`open` and :meth:`from_toml`; InputError when a folder is given with another ``out``.
        """
        if not Path(path).is_dir():
            return cls.from_toml(path, out, seed=seed or 0)
        if out is not None and Path(out).resolve() != Path(path).resolve():
            raise InputError("a case folder is its own place", where=str(path), fix="leave --out away, or give the case.toml")
        case = cls.open(path)
        if seed is not None and seed != case.record.seed:
            case._record = evolve(case.record, seed=seed)
            CaseFolder(path).write_all(record_file(case.record), inputs="")  # the record is no longer what the case file gave
        return case

    def _begin(self, inputs: str | None) -> None:
        """The decisions of the case file first, those that people logged after them; written, with a record read anew, where they are new."""
        from chemwright.case.read import decisions_of

        given = decisions_of(self._record)
        before = self._decisions
        self._decisions = (*given, *(d for d in before if d.when))
        if isinstance(self._store, CaseFolder):
            files = {} if inputs is None else record_file(self._record)
            if inputs is not None or self._decisions != before:
                self._store.write_all({**files, **decisions_file(self._decisions)}, inputs)

    @property
    def record(self) -> CaseRecord:
        """What the case was told."""
        return self._record

    @property
    def folder(self) -> Path | None:
        """Where the case is kept; None in memory."""
        return self._store.path if isinstance(self._store, CaseFolder) else None

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """The decision log."""
        return self._decisions

    @property
    def notes(self) -> list[str]:
        """What a user must know about how the case was read: assumptions about its runs, an upgrade, what had to be mended."""
        return [*self._notes, *(self._record.experiments.notes if self._record.experiments is not None else ())]

    @property
    def results(self) -> dict[str, Any]:
        """Results that are there and still hold, by step; nothing is computed."""
        found: dict[str, Any] = {}
        for step in steps.STEPS:
            if all(s in found for s in steps.READS[step]):
                _, result = steps.current(step, self._record, found, self._store)
                if result is not None:
                    found[step] = result
        return found

    def _need(self, step: str, progress: Progress | None = None, stack: ExitStack | None = None) -> dict[str, Any]:
        """Results of a step and all it rests on; the folder is locked, until the stack is closed, only when one must be computed."""
        results: dict[str, Any] = {}
        with nullcontext(stack) if stack is not None else ExitStack() as held:
            for name in steps.needed(step):
                tell = steps.scaled(name, progress)
                if tell is not None:
                    tell("", 0.0)
                results[name], self._how[name] = steps.run(name, self._record, results, self._store, tell, lambda: self._alone(held))
        return results

    def _alone(self, stack: ExitStack) -> None:
        """Be the only writer until the stack is closed."""
        if not stack.enter_context(self._store.hold()) and UNLOCKED not in self._notes:
            self._notes.append(UNLOCKED)

    def fit(self, progress: Progress | None = None) -> dict[str, Any]:
        """Kinetic fit: parameters with what the data informed, errors left out and extrapolated, the Hybrid.

        Raises:
            InputError: no runs. ConvergenceError: no optimum.
        """
        result: dict[str, Any] = self._need("fit", progress)["fit"]
        return result

    def design(self, progress: Progress | None = None) -> dict[str, Any]:
        """The plant: figures with std, front, streams, units, costs, balances.

        Raises:
            ConvergenceError: no operating point found.
        """
        result: dict[str, Any] = self._need("design", progress)["design"]
        return result

    def explain(self, figure: str = "cost", progress: Progress | None = None) -> list[dict[str, Any]]:
        """Causes of a figure's uncertainty, largest share first; the shares sum to one.

        Raises:
            InputError: unknown figure, with near misses.
        """
        from chemwright import loop

        steps.check_figure(figure)
        return loop.causes_of(self._need("explain", progress)["explain"], figure)

    def next(self, figure: str = "cost", budget: str | float | None = None, progress: Progress | None = None) -> list[dict[str, Any]]:
        """Measurements ranked by what each is expected to take off a figure's variance for its cost.

        Args:
            figure: whose variance is to shrink.
            budget: text such as ``'5 kEUR'``, or a number in USD; dearer ones are left out.
            progress: called with a text and the fraction done.

        Raises:
            InputError: unknown figure, or a budget below zero.
        """
        steps.check_figure(figure)
        limit = None if budget is None else money(budget)
        if figure.removeprefix("plant.") == "cost" and limit is None:
            default: list[dict[str, Any]] = self._need("next", progress)["next"]
            return default
        from chemwright import loop

        r = self._need("explain", progress)
        return loop.next_experiments(self._record, r["properties"], r["fit"], r["design"], r["explain"], figure=figure, budget=limit)

    def develop(self, progress: Progress | None = None, lang: str = "en") -> dict[str, Any]:
        """All steps and the report, resumed where they were left.

        Args:
            progress: called with a text and the fraction done.
            lang: language of the report: ``en`` or ``zh``.

        Returns:
            The published layout: case, kinetics, design, explain, next, report (path, empty in memory), meta.

        Raises:
            ChemwrightError: as the steps do.
        """
        from chemwright import loop
        from chemwright.report.words import speaking

        with speaking(lang):  # an unknown language ends here, not after the work
            pass
        start = time.perf_counter()
        self._how = {}
        with ExitStack() as stack:
            results = self._need("next", progress, stack)
            out: dict[str, Any] = loop.summary(self._record, results)
            folder = self.folder
            out["report"] = "" if folder is None else str(self._report(folder / REPORT, results, out, progress, stack, lang))
        out["meta"] = {**meta(), "seconds": round(time.perf_counter() - start, 3), "steps": dict(self._how), "notes": self.notes}
        return out

    def report(self, path: str | Path | None = None, lang: str = "en", *, pdf: bool = False, progress: Progress | None = None) -> Path:
        """Write the report, computing what it needs; ``report.html`` in the case's folder when no path is given.

        Args:
            path: file to write; with ``pdf`` the PDF, and the HTML beside it.
            lang: ``en`` or ``zh``.
            pdf: print it by a Chromium that is there, too.
            progress: called with a text and the fraction done.

        Returns:
            The path of the HTML file, or of the PDF.

        Raises:
            InputError: unknown language; or no path, and the case has no folder. StorageError: the file can't be written.
            MissingExtra: a PDF is asked for and there is no Chromium.
        """
        from chemwright import loop
        from chemwright.report.pdf import find_browser, write_pdf
        from chemwright.report.words import speaking

        if path is None and self.folder is None:
            raise InputError("a case in memory has no place for its report", fix="give a path, or save the case first")
        target = Path(path) if path is not None else Path(self.folder or "") / REPORT
        if target.suffix.lower() == ".pdf":
            pdf, target = True, target.with_suffix(".html")
        with speaking(lang):  # what can't be had is said before the work
            if pdf:
                find_browser()
        with ExitStack() as stack:
            results = self._need("next", progress, stack)
            html = self._report(target, results, loop.summary(self._record, results), None, stack, lang)
        return write_pdf(html, target.with_suffix(".pdf")) if pdf else html

    def _report(self, target: Path, results: dict[str, Any], summary: dict[str, Any], progress: Progress | None, stack: ExitStack, lang: str = "en") -> Path:
        """Write the report unless the file that is there was made from the same."""
        from chemwright.case.decisions import listed
        from chemwright.case.environment import code_hash

        tell = steps.scaled("report", progress)
        if tell is not None:
            tell("", 0.0)
        encode = converter().unstructure
        details = {
            "record": encode(self._record), "results": results, "summary": {**summary, "report": target.name, "meta": meta()},
            "decisions": listed(self._decisions), "citations": self._citations(results),
        }  # fmt: skip
        key = content_hash([code_hash(shell=True), lang, target.name, details])
        old = self._store.read_step("report")
        if old is not None and old["key"] == key and target.is_file() and old["result"] == {"path": target.name, "hash": file_hash(target)}:
            self._how["report"] = "cached"
            return target
        from chemwright.report import write_report

        if target.parent == self.folder:
            self._alone(stack)
        path = write_report(details, target, lang)
        self._how["report"] = "run"
        if self.folder is not None and path.parent == self.folder:
            self._store.write_step("report", key, {"path": path.name, "hash": file_hash(path)})
        return path

    def decide(self, what: str, choice: str, by: str, why: str, evidence: Iterable[str] = ()) -> Decision:
        """Log a decision of a person; it replaces an earlier one on the same question.

        Args:
            what: the question, as ``plant.site``.
            choice: the answer.
            by: who decides.
            why: reason in words.
            evidence: ids of claims, sources, runs, decisions or results that it rests on.

        Raises:
            InputError: a text is empty, evidence is nowhere in the case, or the answer contradicts the case file.
            StorageError: another process works on the case, or the folder can't be written.
        """
        from chemwright.case.decisions import decided

        found = self.results if evidence else {}
        return self._log(lambda log: decided(log, self._record, found, what, choice, by, why, evidence))

    def undo(self, id: str, by: str, why: str) -> Decision:
        """Take a logged decision back: the undo is logged too, nothing is removed; decide again to redo.

        Raises:
            InputError: a text is empty, or there is no such decision to take back. StorageError: as :meth:`decide`.
        """
        from chemwright.case.decisions import taken_back

        return self._log(lambda log: taken_back(log, id, by, why))

    def _log(self, entry: Callable[[tuple[Decision, ...]], Decision]) -> Decision:
        """Add an entry to the log as it stands now, on disk too."""
        with ExitStack() as stack:
            self._alone(stack)
            if isinstance(self._store, CaseFolder) and self._store.exists():
                self._decisions = self._store.read_decisions()  # another process may have logged one meanwhile
            decision = entry(self._decisions)
            self._decisions = (*self._decisions, decision)
            if isinstance(self._store, CaseFolder):
                self._store.write_decisions(self._decisions)
        return decision

    def citations(self) -> list[str]:
        """BibTeX of exactly the sources that the case and its results so far rest on, by id."""
        return self._citations(self.results)

    def _citations(self, results: dict[str, Any]) -> list[str]:
        from chemwright.case.citations import bibtex, sources_used

        return bibtex(sources_used(self._record, results))

    def save(self, folder: str | Path) -> Path:
        """Write the case with its results into a folder, which is its place from then on.

        Raises:
            StorageError: the folder holds another case, or can't be written.
        """
        files = CaseFolder(folder)
        if files.exists() and files.read_record().target != self._record.target:
            raise StorageError("the folder holds another case", where=str(folder), fix="choose another folder")
        written = {**record_file(self._record), **decisions_file(self._decisions)}
        for step in steps.STEPS:
            found = self._store.read_step(step)
            if found is not None:
                written |= step_file(step, found["key"], found["result"])
        files.write_all(written, None if self.folder == files.path else "")
        if self.folder is not None and self.folder != files.path and (self.folder / REPORT).is_file():
            write_atomic(files.path / REPORT, (self.folder / REPORT).read_bytes())
        self._store = files
        return files.path
