"""A drop folder: a request file goes out, a result file comes in, both CSV with units in the header; for instruments and people that speak in files.

``RUN.request.csv`` holds the set points; ``RUN.result.csv`` is awaited, in the same folder or below ``results``. A file counts once it has stopped growing,
ends with a line end and can be read twice with the same content; it is then moved to ``done``. Nobody need watch: what is half written, renamed on the way
(``.part``, ``.tmp``, a leading dot) or locked is simply looked at again.
"""

from __future__ import annotations

import csv
import io
import math
import re
import time
from collections.abc import Sequence
from pathlib import Path

from chemwright.errors import InputError, UnitError
from chemwright.experiment.lab.drivers import number_option, option
from chemwright.experiment.lab.protocol import ConnectionLost, DeviceError, Polled
from chemwright.experiment.lab.records import Channel, Reading, Setpoint, Station
from chemwright.record.atomic import write_atomic

LARGEST = 1_000_000
"""Bytes that a result file may have."""
_HEADER = re.compile(r"^\s*(?P<name>[^\[\]]+?)\s*(\[(?P<unit>[^\[\]]*)\])?\s*$")


class FolderDriver(Polled):
    """Options: ``folder``; ``settle``, seconds for which a file must not change before it counts (1)."""

    def __init__(self, station: Station) -> None:
        super().__init__(station, number_option(station, "poll", 1.0))
        self.folder = Path(option(station, "folder")).expanduser()
        self.settle = number_option(station, "settle", 1.0)
        self.run = ""
        self.points: dict[str, float] = {}
        self._seen: dict[Path, tuple[int, int, float]] = {}
        self._readings: tuple[Reading, ...] = ()

    def connect(self) -> None:
        """As :meth:`Driver.connect`: the folder must be there, as a share that is not mounted must not be filled as an empty folder."""
        if not self.folder.is_dir():
            raise ConnectionLost("there is no such folder", where=str(self.folder), fix="make it, or mount the share")
        (self.folder / "done").mkdir(exist_ok=True)

    def start(self, run: str) -> None:
        """As :meth:`Driver.start`."""
        self.run, self._readings, self.points = re.sub(r"[^\w.-]", "_", run), (), {s.channel: s.value for s in self.station.safe()}

    def set(self, setpoints: Sequence[Setpoint]) -> None:
        """As :meth:`Driver.set`: the request is written anew with all set points; between runs nothing is written."""
        self.points.update({s.channel: s.value for s in setpoints})
        if self.run:
            write_atomic(self.request, self.request_text().encode())

    @property
    def request(self) -> Path:
        """File of the request."""
        return self.folder / f"{self.run}.request.csv"

    def request_text(self) -> str:
        """The set points as CSV, units in the header, levels by their names."""
        out, channels = io.StringIO(), self.station.set_channels
        writer = csv.writer(out)
        writer.writerow(["run", *(c.name if c.levels else f"{c.name} [{c.unit}]" for c in channels)])
        writer.writerow([self.run, *(level_or_number(c, self.points.get(c.name, c.safe or 0.0)) for c in channels)])
        return out.getvalue()

    def read(self) -> tuple[Reading, ...]:
        """As :meth:`Driver.read`: ``waiting`` until the result is there."""
        if not self.folder.is_dir():
            raise ConnectionLost("the folder is gone", where=str(self.folder), fix="mount the share again")
        if self.run and not self._readings:
            text = self._result()
            if text is not None:
                self._readings = read_result(text, self.station, self.run, time.time())
                self._put_away()
        return self._readings or tuple(Reading(c.name, unit=c.unit, at=time.time(), quality="waiting") for c in self.station.read_channels)

    def _candidates(self) -> list[Path]:
        places = (self.folder, self.folder / "results")
        return [p for place in places for p in (place / f"{self.run}.result.csv",) if p.is_file() and not p.is_symlink()]

    def _result(self) -> str | None:
        """Text of the result once it is whole; None before."""
        for path in self._candidates():
            try:
                stat = path.stat()
                if stat.st_size > LARGEST:
                    raise DeviceError(f"a result of {stat.st_size} bytes", where=path.name, fix=f"at most {LARGEST} are read: it is one line of numbers")
                size, changed, since = self._seen.get(path, (-1, -1, 0.0))
                if (size, changed) != (stat.st_size, stat.st_mtime_ns):
                    self._seen[path] = (stat.st_size, stat.st_mtime_ns, time.monotonic())
                    if self.settle > 0:
                        continue
                elif time.monotonic() - since < self.settle:
                    continue
                data = path.read_bytes()
                again = path.read_bytes()
            except OSError:  # locked, renamed or removed while we look
                continue
            if data and data == again and data.endswith((b"\n", b"\r")):
                return data.decode("utf-8-sig", "replace")
        return None

    def _put_away(self) -> None:
        for path in [*self._candidates(), self.request]:
            if path.is_file():
                path.replace(self.folder / "done" / path.name)

    def stop(self) -> None:
        """As :meth:`Driver.stop`."""
        self.run = ""

    def abort(self) -> None:
        """As :meth:`Driver.abort`: the request is taken back, with a note that says so."""
        if self.run and self.request.is_file():
            self.request.replace(self.folder / "done" / f"{self.run}.withdrawn.csv")
        self.run = ""

    def close(self) -> None:
        """As :meth:`Driver.close`."""
        self.abort()


def level_or_number(c: Channel, value: float) -> str:
    """A value as a person reads it."""
    return c.levels[int(value)] if c.levels and 0 <= int(value) < len(c.levels) else f"{value:.6g}"


def read_result(text: str, station: Station, run: str, at: float) -> tuple[Reading, ...]:
    """Readings from the text of a result: a header ``run,name [unit],...`` and one line or several replicates of them.

    Units are converted to the channels'; an empty cell or one that is no number is a reading without a number. Replicates get rising time stamps.

    Raises:
        DeviceError: the file is another run's, a column is unknown or lacks its unit, a row has another number of cells.
    """
    rows = [
        r for r in csv.reader(io.StringIO(text), delimiter=";" if text.partition("\n")[0].count(";") > text.partition("\n")[0].count(",") else ",") if any(x.strip() for x in r)
    ]
    where = f"{run}.result.csv"
    if len(rows) < 2:
        raise DeviceError("no line of results", where=where, fix="give a header and one line of numbers")
    columns = [_column(cell, station, where) for cell in rows[0]]
    out = []
    for i, row in enumerate(rows[1:]):
        if len(row) != len(columns):
            raise DeviceError(
                f"{len(row)} cells, the header has {len(columns)}",
                where=f"{where}, row {i + 2}",
                fix="give a cell, empty where there is no number, for each column; a decimal comma needs semicolons between cells",
            )
        for (channel, unit), cell in zip(columns, row):
            if channel is None:
                if cell.strip() != run:
                    raise DeviceError(f"the result of {cell.strip()[:40]!r}", where=f"{where}, row {i + 2}", fix=f"this file must hold run {run!r}")
                continue
            out.append(Reading(channel.name, _number(cell, unit, channel.unit), channel.unit, at + 1e-3 * i))
    told = {r.channel for r in out}
    return (*out, *(Reading(c.name, unit=c.unit, at=at) for c in station.result_channels if c.name not in told))


def _column(cell: str, station: Station, where: str) -> tuple[Channel | None, str]:
    """Channel and unit of a column; no channel for the column of the run."""
    match = _HEADER.match(cell)
    if match is None:
        raise DeviceError(f"can't read the column {cell[:40]!r}", where=f"{where}, header", fix="write 'name [unit]'")
    if match["name"] == "run":
        return None, ""
    try:
        channel = station.channel(match["name"])
    except InputError as error:
        raise DeviceError(error.message, where=f"{where}, header", fix=error.fix) from None
    if match["unit"] is None and channel.unit != "1":
        raise DeviceError(f"the column {channel.name!r} has no unit", where=f"{where}, header", fix=f"write '{channel.name} [{channel.unit}]'")
    unit = match["unit"] or "1"
    _convert(0.0, unit, channel.unit, f"{where}, header")
    return channel, unit


def _convert(value: float, unit: str, target: str, where: str) -> float:
    from chemwright.quantity.units import convert

    try:
        return convert(value, unit, target)
    except UnitError as error:
        raise DeviceError(error.message, where=where, fix=error.fix) from None


def _number(cell: str, unit: str, target: str) -> float | None:
    text = cell.strip().replace(",", ".") if cell.count(",") == 1 and "." not in cell else cell.strip()
    try:
        value = float(text)
    except ValueError:
        return None
    return _convert(value, unit, target, "") if math.isfinite(value) else None
