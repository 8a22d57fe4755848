"""The trained files of ``data/property``, read on first use: networks, ridges, calibration, domains."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from chemwright.errors import StorageError
from chemwright.property.learned.domain import Domain
from chemwright.property.learned.network import Network

Array = NDArray[np.float64]


@frozen(eq=False)
class Member:
    """One network of the ensemble with its own ridge: mean and scatter of descriptors (d,), coefficients (d + 1, tasks) and scatter of the targets (tasks,)."""

    network: Network
    middle: Array
    scale: Array
    coefficients: Array
    scatter: Array


@frozen(eq=False)
class Store:
    """All that is shipped: the card, the names of the properties in the networks' order, the members of the ensemble, and the domain of each property."""

    card: dict[str, Any]
    names: tuple[str, ...]
    members: tuple[Member, ...]
    domains: tuple[Domain, ...]

    def index(self, name: str) -> int:
        """The column of a property in the networks' output."""
        return self.names.index(name)


def read(name: str) -> dict[str, NDArray[Any]]:
    """The arrays of ``data/property/<name>``.

    Raises:
        StorageError: the file is missing or no such archive.
    """
    path = files("chemwright") / "data" / "property" / name
    try:
        with path.open("rb") as handle, np.load(handle, allow_pickle=False) as archive:
            return {k: archive[k] for k in archive.files}
    except (OSError, ValueError) as error:
        raise StorageError(f"can't read the trained file {name}: {error}", where="data/property", fix="install chemwright anew") from None


@lru_cache(maxsize=1)
def store() -> Store:
    """The shipped networks, loaded once.

    Raises:
        StorageError: a file is missing or damaged.
    """
    card = json.loads((files("chemwright") / "data" / "property" / "networks.json").read_text(encoding="utf-8"))
    arrays = read("networks.npz")
    members = []
    for k in range(int(card["members"])):
        own = {n.removeprefix(f"{k}."): a for n, a in arrays.items() if n.startswith(f"{k}.")}
        weights = {n.removeprefix("net."): np.ascontiguousarray(a, np.float32) for n, a in own.items() if n.startswith("net.")}
        line = [own[n].astype(np.float64) for n in ("middle", "scale", "coefficients", "scatter")]
        members.append(Member(Network(weights, int(card["depth"])), *line))
    names = tuple(p["name"] for p in card["properties"])
    domains = tuple(Domain(near, far, int(p["most_atoms"])) for near, far, p in zip(arrays["seen"], arrays["wider"], card["properties"], strict=True))
    return Store(card, names, tuple(members), domains)
