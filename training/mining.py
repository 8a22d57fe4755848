"""Train the miner's classifiers on the training patents and write ``data/mining/classifiers.npz`` with its card.

Five logistic regressions over named features: whether a temperature, a time, a percentage is the record's, the role of a substance, whether a way of computing the yield from amounts gives the record's;
and boosted trees that tell solvents from the roles' probabilities. The last two learn from cross-validated probabilities of roles, because those of substances the role classifier was fitted on would be too good.
The figures on the card are from five-fold cross-validation grouped by patent within the training part; the held-out patents are not read here.

Usage: CHEMWRIGHT_ORDERLY=folder python training/mining.py [--check]     (with --check nothing is written: the whole extractor is cross-validated by patent, about five minutes)
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import mining_trees as trees
import numpy as np

from chemwright.knowledge.mining.computed import ways
from chemwright.knowledge.mining.context import Context, Named, read, reading_features, substances
from chemwright.knowledge.mining.procedure import SOLVENT
from chemwright.knowledge.mining.solvents import WORDS, solvent_rows, solvent_words

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "benchmarks"))
OUT = ROOT / "src" / "chemwright" / "data" / "mining"
PENALTY = {"temperature": 0.1, "time": 0.2, "yield": 0.2, "role": 0.12, "computed": 0.1}
Laid = tuple[Any, Context, tuple[Named, ...]]
FEWEST = {"temperature": 5, "time": 5, "yield": 6, "role": 25, "computed": 8}


def main() -> None:
    """Lay the training procedures open, then write what they teach, or with ``--check`` cross-validate the whole extractor."""
    from mining_data import procedures

    laid = []
    for truth in procedures("train"):
        c = read(truth.text)
        laid.append((truth, c, substances(c)))
    if "--check" in sys.argv:
        _check(laid)
        return
    arrays, forest, models = train(laid)
    np.savez_compressed(OUT / "classifiers.npz", **arrays)
    np.savez_compressed(OUT / "solvents.npz", **forest)
    card = {
        "data": "orderly 1.0.0 wheel (MIT): US patents 1976-2001 (text mining by D. Lowe, CC0, doi 10.6084/m9.figshare.5104873.v1) in the Open Reaction Database (its compiled data are CC-BY-SA 4.0)",
        "split": "training part by hash of the patent number",
        "date": date.today().isoformat(),
        "models": models,
        "sha256": {name: hashlib.sha256((OUT / name).read_bytes()).hexdigest() for name in ("classifiers.npz", "solvents.npz")},
    }
    (OUT / "classifiers.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(card, indent=1))


def train(laid: Sequence[Laid]) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Arrays of the linear classifiers, arrays of the trees, and the figures of each."""
    from mining_score import temperature_right, time_right, yield_right

    rows: dict[str, list[tuple[list[str], str, str]]] = defaultdict(list)
    for truth, c, found in laid:
        if truth.temperature is not None or truth.ambient:
            for r, f in zip(c.temperatures, reading_features(c, "T"), strict=True):
                rows["temperature"].append((f, _word(r.value > 0 and temperature_right(r.value - 273.15, truth)), truth.patent))
        if truth.time is not None:
            for r, f in zip(c.times, reading_features(c, "t"), strict=True):
                rows["time"].append((f, _word(time_right(r.value, truth)), truth.patent))
        for r, f in zip(c.percentages, reading_features(c, "y"), strict=True):
            rows["yield"].append((f, _word(yield_right(r.value, truth)), truth.patent))
        roles = _roles(truth)
        rows["role"] += [(list(n.features), roles.get(n.smiles, "none"), truth.patent) for n in found]
    arrays: dict[str, Any] = {"models": np.array(list(PENALTY))}
    cards: dict[str, Any] = {}
    for name in ("temperature", "time", "yield", "role"):
        cards[name], p = _fit(name, rows[name], arrays)
    given = iter([dict(zip(cards["role"]["classes"], x, strict=True)) for x in p.tolist()])
    judged = [(truth, c, found, [next(given) for _ in found]) for truth, c, found in laid]
    for truth, c, found, q in judged:
        if truth.stated or truth.calculated:
            rows["computed"] += [(list(w.features), _word(yield_right(w.value, truth)), truth.patent) for w in ways(c, found, q)]
    cards["computed"], _ = _fit("computed", rows["computed"], arrays)
    forest, cards["solvents"] = _fit_solvents(judged)
    return arrays, forest, cards


def _check(laid: Sequence[Laid]) -> None:
    """The whole extractor, trained on four fifths of the training patents and scored on the fifth, five times."""
    import importlib.util

    from mining_score import score
    from sklearn.model_selection import GroupKFold

    from chemwright.knowledge.mining import procedure
    from chemwright.knowledge.mining.linear import linear
    from chemwright.knowledge.mining.trees import trees as forest_of

    place = importlib.util.spec_from_file_location("mining_benchmark", ROOT / "benchmarks" / "mining.py")  # by path: it has this file's name
    assert place is not None
    assert place.loader is not None
    bench = importlib.util.module_from_spec(place)
    place.loader.exec_module(bench)
    answers: dict[int, Any] = {}
    for fitted, left in GroupKFold(5).split(laid, groups=[truth.patent for truth, _, _ in laid]):
        arrays, forest, _ = train([laid[k] for k in fitted])
        ours, wood = linear(arrays), forest_of(forest)
        procedure.models, procedure.solvent_trees = lambda ours=ours: ours, lambda wood=wood: wood
        answers |= {int(k): bench.answer(laid[k][0].text) for k in left}
    print(bench.table(score([x[0] for x in laid], [answers[k] for k in range(len(laid))]), "cross-validated by patent within the training part"))


def _word(right: bool) -> str:
    return "right" if right else "other"


def _roles(truth: Any) -> dict[str, str]:
    """Structure -> role in the record; a substance that is solvent once is a solvent."""
    from mining_score import canonical

    given: dict[str, Counter[str]] = defaultdict(Counter)
    for component in truth.components:
        if component.smiles:
            given[canonical(component.smiles)][component.role] += 1
    out = {canonical(p.smiles): "product" for p in truth.products if p.smiles}
    for smiles, counts in given.items():
        role = "solvent" if counts["solvent"] else counts.most_common(1)[0][0]
        out[smiles] = role if role in ("reactant", "solvent", "catalyst") else "reactant"
    return out


def _fit(name: str, rows: list[tuple[list[str], str, str]], arrays: dict[str, Any]) -> tuple[dict[str, Any], np.ndarray]:
    """Fit one classifier, put its arrays in, and return its card and the cross-validated probabilities."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import log_loss
    from sklearn.model_selection import GroupKFold, cross_val_predict

    vectorizer = CountVectorizer(analyzer=lambda x: x, min_df=FEWEST[name], binary=True)
    x, y = vectorizer.fit_transform([f for f, _, _ in rows]), np.array([label for _, label, _ in rows])
    groups = np.array([patent for _, _, patent in rows])
    model = LogisticRegression(C=PENALTY[name], max_iter=400, tol=1e-3)
    p = cross_val_predict(model, x, y, groups=groups, cv=GroupKFold(5), method="predict_proba")
    model.fit(x, y)
    weights = model.coef_.T
    keep = np.abs(weights).max(axis=1) > 0.01
    names = vectorizer.get_feature_names_out()[keep]
    arrays |= {
        f"{name}_features": names.astype(str),
        f"{name}_weights": weights[keep].astype(np.float64),
        f"{name}_intercept": model.intercept_.astype(np.float64),
        f"{name}_classes": model.classes_.astype(str),
    }
    right = model.classes_[p.argmax(axis=1)] == y
    card = {
        "examples": len(y),
        "features": int(keep.sum()),
        "classes": model.classes_.tolist(),
        "accuracy, cross-validated": round(float(right.mean()), 4),
        "log loss, cross-validated": round(float(log_loss(y, p)), 4),
    }
    return card, p


def _fit_solvents(judged: list[tuple[Any, Context, tuple[Named, ...], list[dict[str, float]]]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Fit the trees on procedures whose record has a solvent; their arrays and their card."""
    from mining_score import structures
    from sklearn.model_selection import GroupKFold

    words: list[tuple[str, ...]] = []
    tables, right, groups, wanted = [], [], [], 0
    for truth, c, found, q in judged:
        recorded = structures(truth, "solvent")
        wanted += len(recorded)
        if recorded and found:
            words += solvent_words(c, found, q)
            tables.append(solvent_rows(c, found, q))
            right += [n.smiles in recorded for n in found]
            groups += [truth.patent] * len(found)
    rows, y = np.vstack(tables), np.array(right, dtype=int)
    p = np.zeros(len(y))
    for fitted, left in GroupKFold(5).split(rows, y, groups):
        some = [words[k] for k in fitted]
        codes = trees.coded(some, WORDS, y[fitted])
        model = trees.fit(trees.table(some, WORDS, codes, rows[fitted]), y[fitted])
        p[left] = model.predict_proba(trees.table([words[k] for k in left], WORDS, codes, rows[left]))[:, 1]
    codes = trees.coded(words, WORDS, y)
    model = trees.fit(trees.table(words, WORDS, codes, rows), y)
    taken = p >= SOLVENT
    hits = int(y[taken].sum())
    return trees.arrays(model, codes), {
        "examples": len(y),
        "trees": int(model.n_iter_),
        "words": len(codes),
        "precision, cross-validated": round(hits / int(taken.sum()), 4),
        "recall, cross-validated": round(hits / wanted, 4),
        "F1, cross-validated": round(2 * hits / (int(taken.sum()) + wanted), 4),
    }


if __name__ == "__main__":
    main()
