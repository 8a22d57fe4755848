"""The planner's write-ahead journal: what was intended, started, measured and told, so that a kill at any moment neither loses nor repeats an experiment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from attrs import field, frozen

from chemwright.experiment.lab.chain import ChainLog, read_chain
from chemwright.experiment.lab.outcome import RunResult, as_data, from_data

STEPS = ("intended", "started", "measured", "failed", "told", "given up")


@frozen
class Progress:
    """How far an experiment has come.

    Args:
        id: of the experiment.
        attempt: newest one; 0 while it is only intended.
        step: newest of :data:`STEPS`.
        result: of a measured or failed attempt.
        station: where it is or was.
        faults: attempts that the equipment spoilt.
    """

    id: str
    attempt: int = 0
    step: str = "intended"
    result: RunResult | None = None
    station: str = ""
    faults: int = field(default=0)


class Journal:
    """The journal of one campaign in one file; each line is on the disk before what it announces is done.

    Args:
        path: the file; made when it is not there.

    Raises:
        StorageError: another planner writes it.
    """

    def __init__(self, path: Path) -> None:
        self.log = ChainLog(path)
        self.progress: dict[str, Progress] = {}
        for _, entry in read_chain(path):
            if entry is not None and entry.get("what") in STEPS and isinstance(entry.get("detail"), dict):
                self._take(str(entry["what"]), entry["detail"])

    def _take(self, step: str, detail: dict[str, Any]) -> None:
        id = str(detail.get("id", ""))
        old = self.progress.get(id, Progress(id))
        result = from_data(detail["result"]) if isinstance(detail.get("result"), dict) else old.result
        attempt = int(detail.get("attempt", old.attempt))
        station = str(detail.get("station", old.station))
        spoilt = step == "failed" and result is not None and result.cause not in ("interrupted", "refused")
        self.progress[id] = Progress(id, attempt, step, result, station, old.faults + (1 if spoilt else 0))

    def _write(self, step: str, **detail: Any) -> None:
        self.log.write("planner", step, **detail)
        self._take(step, detail)

    def intended(self, id: str, setpoints: dict[str, float], station: str) -> None:
        """An experiment will be done with these set points."""
        self._write("intended", id=id, setpoints=setpoints, station=station)

    def started(self, id: str, attempt: int, station: str) -> None:
        """An attempt is about to be asked for."""
        self._write("started", id=id, attempt=attempt, station=station)

    def ended(self, result: RunResult) -> None:
        """An attempt has ended, as a datum or not."""
        self._write("measured" if result.state == "measured" else "failed", id=result.id, attempt=result.attempt, station=result.station, result=as_data(result))

    def told(self, id: str, values: dict[str, list[float]], why: str = "") -> None:
        """The campaign has it."""
        self._write("told" if values or not why else "given up", id=id, values=values, why=why[:400])

    def close(self) -> None:
        """Let go of the file."""
        self.log.close()
