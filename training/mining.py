"""Train the miner's classifiers on the training patents and write ``data/mining/classifiers.npz`` with its card.

Four logistic regressions over named features (``knowledge/mining/context.py``): whether a temperature, a time, a percentage is the record's, and the role of a substance. The figures on the card are from
five-fold cross-validation grouped by patent within the training part; the held-out patents are not read here.

Usage: CHEMWRIGHT_ORDERLY=folder python training/mining.py
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "benchmarks"))
OUT = ROOT / "src" / "chemwright" / "data" / "mining"
PENALTY = {"temperature": 0.1, "time": 0.2, "yield": 0.2, "role": 0.12}
FEWEST = {"temperature": 5, "time": 5, "yield": 6, "role": 25}


def main() -> None:
    """Collect, cross-validate, fit, write."""
    from mining_data import procedures
    from mining_score import temperature_right, time_right, yield_right

    from chemwright.knowledge.mining.context import read, reading_features, substances

    rows: dict[str, list[tuple[list[str], str, str]]] = defaultdict(list)
    for truth in procedures("train"):
        c = read(truth.text)
        if truth.temperature is not None or truth.ambient:
            for r, f in zip(c.temperatures, reading_features(c, "T"), strict=True):
                rows["temperature"].append((f, _word(r.value > 0 and temperature_right(r.value - 273.15, truth)), truth.patent))
        if truth.time is not None:
            for r, f in zip(c.times, reading_features(c, "t"), strict=True):
                rows["time"].append((f, _word(time_right(r.value, truth)), truth.patent))
        for r, f in zip(c.percentages, reading_features(c, "y"), strict=True):
            rows["yield"].append((f, _word(yield_right(r.value, truth)), truth.patent))
        roles = _roles(truth)
        for n in substances(c):
            rows["role"].append((list(n.features), roles.get(n.smiles, "none"), truth.patent))
    arrays: dict[str, Any] = {"models": np.array(list(PENALTY))}
    card: dict[str, Any] = {
        "data": "orderly 1.0.0 wheel (MIT), US patents 1976-2001 in the Open Reaction Database (text mining by D. Lowe, CC0, doi 10.6084/m9.figshare.5104873.v1)",
        "split": "training part by hash of the patent number",
        "date": date.today().isoformat(),
        "models": {},
    }
    for name in PENALTY:
        card["models"][name] = _fit(name, rows[name], arrays)
    np.savez_compressed(OUT / "classifiers.npz", **arrays)
    card["sha256"] = hashlib.sha256((OUT / "classifiers.npz").read_bytes()).hexdigest()
    (OUT / "classifiers.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(card, indent=1))


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


def _fit(name: str, rows: list[tuple[list[str], str, str]], arrays: dict[str, Any]) -> dict[str, Any]:
    """Fit one classifier, put its arrays in, and return its card."""
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
    return {
        "examples": len(y),
        "features": int(keep.sum()),
        "classes": model.classes_.tolist(),
        "accuracy, cross-validated": round(float(right.mean()), 4),
        "log loss, cross-validated": round(float(log_loss(y, p)), 4),
    }


if __name__ == "__main__":
    main()
