"""Data-only peers of ``hybrid_wrong_mechanism.py``: network, Gaussian process and forest from (feed, temperature, time) to concentrations.

Each is tuned on the training runs alone, by error on left-out runs (four folds of whole runs): features as they are or in the chemist's
form (1/T, sqrt t), targets as they are or per mol of feed, and the usual settings. All see the feed as a noise-free sample at time 0.
Intervals: the process's own; for network and forest the spread of the members together with the error on left-out runs.
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from hybrid_wrong_truth import Batch, Problem
from sklearn.ensemble import ExtraTreesRegressor, RandomForestRegressor
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, Matern, WhiteKernel
from sklearn.model_selection import GroupKFold
from sklearn.neural_network import MLPRegressor

Q90 = 1.6448536269514722


def inputs(batch: Batch, fed: list[int], times: np.ndarray, chemist: bool) -> np.ndarray:
    """Rows of features (n, D)."""
    T = batch.temperature
    rows = [[*batch.feed[fed], 1e3 / T if chemist else T, np.sqrt(t) if chemist else t] for t in times]
    return np.array(rows)


class Peer:
    """A regressor with scaled inputs, on one choice of features and targets."""

    def __init__(self, make: Callable[[], Any], p: Problem, chemist: bool, share: bool) -> None:
        self.make, self.p, self.chemist, self.share = make, p, chemist, share
        self.fed = [i for i, n in enumerate(p.system.formulas) if n in p.system.feed]

    def table(self, batches: list[Batch]) -> tuple[np.ndarray, np.ndarray]:
        """Features and targets of training runs, the feed included."""
        x, y = [], []
        for b in batches:
            x.append(inputs(b, self.fed, np.concatenate([[0.0], b.times]), self.chemist))
            y.append(np.vstack([b.feed[self.p.columns], b.measured]) / (b.feed.sum() if self.share else 1.0))
        return np.vstack(x), np.vstack(y)

    def fit(self, batches: list[Batch]) -> Peer:
        x, y = self.table(batches)
        self.x0, self.x1, self.y0, self.y1 = x.mean(0), x.std(0) + 1e-12, y.mean(0), y.std(0) + 1e-12
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.model = self.make().fit((x - self.x0) / self.x1, (y - self.y0) / self.y1)
        return self

    def predict(self, b: Batch) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation (n, m); the process includes its noise."""
        x = (inputs(b, self.fed, b.times, self.chemist) - self.x0) / self.x1
        mean, std = self.model.predict(x)
        f = b.feed.sum() if self.share else 1.0
        return (mean * self.y1 + self.y0) * f, std * self.y1 * f


class Ensemble:
    """Members that differ by their seed; the spread is the standard deviation."""

    def __init__(self, makes: list[Callable[[], Any]]) -> None:
        self.makes = makes

    def fit(self, x: np.ndarray, y: np.ndarray) -> Ensemble:
        self.members = [m().fit(x, y if y.shape[1] > 1 else y[:, 0]) for m in self.makes]
        return self

    def predict(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        out = np.stack([m.predict(x).reshape(len(x), -1) for m in self.members])
        return out.mean(0), out.std(0)


class Trees(Ensemble):
    """One forest; the members are its trees."""

    def predict(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        out = np.stack([t.predict(x).reshape(len(x), -1) for t in self.members[0].estimators_])
        return out.mean(0), out.std(0)


class Processes:
    """One Gaussian process an output, one length scale an input."""

    def __init__(self, kernel: Any) -> None:
        self.kernel = kernel

    def fit(self, x: np.ndarray, y: np.ndarray) -> Processes:
        full = ConstantKernel(4.0, (1e-3, 1e4)) * self.kernel(np.full(x.shape[1], 2.0), (0.05, 100.0)) + WhiteKernel(1e-3, (1e-7, 1.0))
        self.models = [GaussianProcessRegressor(full, random_state=0, n_restarts_optimizer=0).fit(x, column) for column in y.T]
        return self

    def predict(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        out = [m.predict(x, return_std=True) for m in self.models]
        return np.stack([o[0] for o in out], 1), np.stack([o[1] for o in out], 1)


def settings(members: int) -> dict[str, list[Callable[[], Any]]]:
    """Choices of each peer; so many networks (or hundreds of trees) together."""

    def network(hidden: tuple[int, ...], alpha: float) -> Callable[[], Any]:
        return lambda: Ensemble(
            [lambda i=i: MLPRegressor(hidden_layer_sizes=hidden, activation="tanh", alpha=alpha, solver="lbfgs", max_iter=500, random_state=i) for i in range(members)]
        )

    def forest(kind: Any, leaf: int, share: float) -> Callable[[], Any]:
        return lambda: Trees([lambda: kind(100 * members, min_samples_leaf=leaf, max_features=share, random_state=0)])

    return {
        "network": [network(h, a) for h, a in itertools.product([(16,), (16, 16)], [1e-2, 1e-1, 1.0])],
        "process": [lambda: Processes(RBF), lambda: Processes(lambda lengths, bounds: Matern(lengths, bounds, nu=2.5))],
        "forest": [forest(k, leaf, s) for k, leaf, s in itertools.product([RandomForestRegressor, ExtraTreesRegressor], [1, 3], [0.7, 1.0])],
    }


def left_out(make: Callable[[], Any], p: Problem, chemist: bool, share: bool, folds: int) -> np.ndarray:
    """Errors on left-out training runs over the noise, shape (N, m)."""
    runs = list(p.train)
    errors = []
    for train, test in GroupKFold(folds).split(runs, groups=range(len(runs))):
        peer = Peer(make, p, chemist, share).fit([runs[i] for i in train])
        errors += [runs[i].measured - peer.predict(runs[i])[0] for i in test]
    return np.vstack(errors) / p.train[0].measured.std()


def run_peer(name: str, p: Problem) -> tuple[list[np.ndarray], list[np.ndarray], list[np.ndarray], str]:
    """Mean, low and high (each one array a test run) of the tuned peer, and the settings chosen."""
    choices = list(itertools.product(range(len(settings(1)[name])), (False, True), (False, True)))
    found = []
    for i, chemist, share in choices:
        errors = left_out(settings(1)[name][i], p, chemist, share, 4)
        found.append((float(np.mean(errors**2)), (i, chemist, share), errors.std(0) * p.train[0].measured.std()))
    best, (i, chemist, share), misfit = min(found, key=lambda f: f[0])
    peer = Peer(settings(5)[name][i], p, chemist, share).fit(list(p.train))
    mean, low, high = [], [], []
    for b in p.test:
        m, s = peer.predict(b)
        half = Q90 * (s if name == "process" else np.sqrt(s**2 + misfit**2))
        mean.append(m)
        low.append(m - half)
        high.append(m + half)
    return mean, low, high, f"choice {i}, chemist's features {chemist}, per feed {share}, left-out error {best**0.5:.3f}"
