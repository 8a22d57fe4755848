"""Development systems of ``hybrid_wrong_mechanism.py``: what settings may be tuned on. Other networks, other constants, other seeds than the test systems."""

from __future__ import annotations

from hybrid_wrong_truth import Step, System

SEEDS = (1, 2)

DEV = (
    System(
        "dev: the product isomerises",
        {"A": "C5H8O", "B": "C3H6O", "C": "C8H14O2", "D": "C8H14O2"},
        ("A + B -> C",),
        (Step({"A": -1, "B": -1, "C": 1}, 1.2e-3, 60e3, {"A": 1, "B": 1}), Step({"C": -1, "D": 1}, 2.5e-4, 85e3, {"C": 1})),
        ("A", "B", "C"),
        {"A": (0.2, 0.6), "B": (0.3, 0.9)},
    ),
    System(
        "dev: the product takes up A",
        {"A": "C5H8O", "B": "C3H6O", "C": "C8H14O2", "E": "C13H22O3"},
        ("A + B -> C",),
        (Step({"A": -1, "B": -1, "C": 1}, 7.0e-4, 75e3, {"A": 1, "B": 1}), Step({"A": -1, "C": -1, "E": 1}, 9.0e-4, 50e3, {"A": 1, "C": 1})),
        ("A", "B", "C"),
        {"A": (0.4, 1.0), "B": (0.4, 1.0)},
    ),
    System(
        "dev: B is lost with an acid catalyst's help",
        {"A": "C5H8O", "B": "C3H6O", "P": "C8H12O", "W": "H2O", "Q": "C3H6O"},
        ("A + B -> P + W",),
        (
            Step({"A": -1, "B": -1, "P": 1, "W": 1}, 8.0e-4, 66e3, {"A": 1, "B": 1}),
            Step({"B": -1, "Q": 1}, 9.0e-4, 55e3, {"B": 1, "W": 1}),
        ),
        ("A", "B", "P"),
        {"A": (0.3, 0.8), "B": (0.4, 1.1)},
    ),
    System(
        "dev: inhibited by the reagent",
        {"A": "C5H8O", "B": "C3H6O", "C": "C8H14O2", "D": "C10H16O2"},
        ("A + B -> C",),
        (
            Step({"A": -1, "B": -1, "C": 1}, 7.0e-4, 58e3, {"A": 1, "B": 1}),
            Step({"A": -2, "D": 1}, 1.5e-3, 80e3, {"A": 2}, {"B": 5.0}),
        ),
        ("A", "C", "D"),
        {"A": (0.3, 0.8), "B": (0.3, 0.8)},
    ),
    System(
        "dev: the adduct falls apart",
        {"A": "C5H8O", "B": "C3H6O", "C": "C8H14O2"},
        ("A + B -> C",),
        (Step({"A": -1, "B": -1, "C": 1}, 1.3e-3, 48e3, {"A": 1, "B": 1}), Step({"A": 1, "B": 1, "C": -1}, 3.0e-4, 82e3, {"C": 1})),
        ("A", "C"),
        {"A": (0.3, 0.8), "B": (0.3, 0.8)},
    ),
    System(
        "dev: saturating beside a first-order reaction",
        {"A": "C9H10O", "P": "C9H10O", "Q": "C9H10O"},
        ("A -> P",),
        (Step({"A": -1, "P": 1}, 4.0e-4, 72e3, {"A": 1}), Step({"A": -1, "Q": 1}, 2.0e-4, 55e3, {"A": 1}, {"A": 2.0})),
        ("A", "P"),
        {"A": (0.3, 1.0)},
    ),
)
