"""A campaign's folder as the run loop needs it: each verb is one change, on the disk when it returns, and nothing the second time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from chemwright.experiment.campaign import Campaign
from chemwright.experiment.folder import change_campaign, folder_of, open_campaign
from chemwright.experiment.lab.runner import Ask
from chemwright.experiment.units import from_si, spread_from_si
from chemwright.quantity import Value


class CampaignBook:
    """The campaign of a folder.

    Args:
        path: the folder, or the file in it.

    Raises:
        InputError: no campaign there.
    """

    def __init__(self, path: Path) -> None:
        self.folder = folder_of(path)
        self.campaign: Campaign = open_campaign(path)

    @property
    def lab(self) -> Path:
        """Folder of the laboratory's files."""
        return self.folder / "lab"

    def unfinished(self) -> Sequence[Ask]:
        """As :meth:`Book.open`."""
        return tuple(Ask(t.id, dict(t.point), t.reactor) for t in self.campaign.open)

    def suggest(self, n: int, reactors: Sequence[str]) -> str:
        """As :meth:`Book.suggest`; the stations that bear the name of one of the campaign's reactors are planned for as such."""
        known = {r.name for r in self.campaign.record.reactors}
        names = [r for r in reactors if r in known][:n] or [""] * n
        before = len(self.campaign.trials)
        for name in names:
            count = n if not known else 1
            self.campaign = change_campaign(self.folder, lambda c, name=name, count=count: c.suggest(count, reactor=name))  # type: ignore[misc]
            if not known:
                break
        return "" if len(self.campaign.trials) > before else " ".join(self.campaign.words) or "the campaign proposes nothing more"

    def _is_open(self, id: str) -> bool:
        return any(t.id == id for t in self.campaign.open)

    def tell(self, id: str, values: Mapping[str, tuple[float, float]]) -> None:
        """As :meth:`Book.tell`; an objective that the campaign does not have is left out, a standard error of zero is not told."""
        if not self._is_open(id):
            return
        row = {}
        for o in self.campaign.record.objectives:
            if o.name in values:
                mean, std = values[o.name]
                row[o.name] = Value(from_si(mean, o.unit), o.unit, spread_from_si(std, o.unit) if std > 0 else None)
        self.campaign = change_campaign(self.folder, lambda c: c.tell({"id": id, **row}))

    def fail(self, id: str, why: str, *, conditions: bool) -> None:
        """As :meth:`Book.fail`: the conditions' fault is a failure to learn from, the equipment's an abandoned experiment."""
        if self._is_open(id):
            self.campaign = change_campaign(self.folder, lambda c: c.fail(id, why[:300]) if conditions else c.abandon(id, why[:300]))

    def done(self) -> int:
        """As :meth:`Book.done`."""
        return sum(t.state in ("done", "failed") for t in self.campaign.trials)
