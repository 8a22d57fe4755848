"""Which attempts were begun and what became of them, read from the audit log itself: begun is written before anything moves, the end before anyone is told."""

from __future__ import annotations

from attrs import evolve

from chemwright.experiment.lab.chain import ChainLog, now, read_chain
from chemwright.experiment.lab.outcome import RunResult, as_data, from_data
from chemwright.experiment.lab.steady import Level


class Memory:
    """Results by experiment and attempt.

    Args:
        log: its lines so far are read; ``held`` says which interlock tripped and was not cleared; an attempt that was begun and not ended was interrupted with the guard itself, and is written down so.
    """

    def __init__(self, log: ChainLog) -> None:
        self._log = log
        self._known: dict[tuple[str, int], RunResult] = {}
        self.held = ""
        for _, entry in read_chain(log.path):
            what, detail = (entry.get("what"), entry.get("detail")) if entry is not None else ("", None)
            if what in ("begin", "end") and isinstance(detail, dict) and "run" in detail:
                result = from_data(detail["run"])
                self._known[result.id, result.attempt] = result
            elif what == "interlock" and isinstance(detail, dict):
                self.held = _held(str(detail.get("name")), str(detail.get("why")))
            elif what == "clear":
                self.held = ""
        for result in [r for r in self._known.values() if r.state == "begun"]:
            self.end(result, "failed", "interrupted", "the guard ended in the middle of the run", (), now())

    def get(self, id: str, attempt: int) -> RunResult | None:
        """What is known of an attempt."""
        return self._known.get((id, attempt))

    def hold(self, name: str, why: str) -> None:
        """Write down that an interlock tripped; until a person clears it, through every restart."""
        self._log.write("guard", "interlock", name=name, why=why)
        self.held = _held(name, why)

    def clear(self, who: str, why: str) -> None:
        """Write down who cleared what tripped."""
        self._log.write(who, "clear", why=why, was=self.held)
        self.held = ""

    def begin(self, result: RunResult) -> None:
        """Write down that an attempt begins."""
        self._keep("begin", result)

    def end(self, result: RunResult, state: str, cause: str, why: str, levels: tuple[Level, ...], at: str) -> None:
        """Write down what became of an attempt."""
        self._keep("end", evolve(result, state=state, cause=cause, why=why, levels=levels, ended=at))

    def _keep(self, what: str, result: RunResult) -> None:
        self._log.write("guard", what, run=as_data(result))
        self._known[result.id, result.attempt] = result


def _held(name: str, why: str) -> str:
    return f"interlock {name!r}: {why}"
