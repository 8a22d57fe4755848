"""Conditioning the process behind the hybrid activity model on data, and learning the metric in which its molecules are compared."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.linalg
from activity_data import Data
from attrs import evolve, frozen
from numpy.typing import NDArray

from chemwright.thermo.hybrid.kernel import CLIP, Molecules, Pairs, Width, covariances
from chemwright.thermo.hybrid.learned import Learned, Scale

Array = NDArray[np.float64]
ROUNDS, LEAST, STEPS, RATE, MOST = 3, 3e-2, 30, 0.12, 1600


@frozen
class Noise:
    """Errors of the data: standard deviations of ln P and of ln(gamma) at infinite dilution [1], degrees of freedom of their Student distribution, and points of one system that
    count as independent (errors of one paper go together)."""

    pressure: float
    dilute: float
    freedom: float
    independent: float


def scale_of(data: Data, values: Array, groups: Array) -> Scale:
    """Coordinates of molecules: descriptors by their mean and deviation over the molecules of the data, and the metric's weights."""
    v = np.array([m.values for m in data.molecules])
    return Scale(v.mean(0), v.std(0) + 1e-9, np.sqrt(values / v.shape[1]), np.sqrt(groups / 2.0))


def sets(data: Data, scale: Scale) -> tuple[Molecules, Pairs]:
    """All molecules and pairs of the data as the kernel takes them."""
    return scale.molecules(data.molecules), Pairs(data.i, data.j, data.table)


def weigh(data: Data, train: NDArray[np.bool_], theta: Array, noise: Noise, first: bool) -> tuple[Array, Array]:
    """What the data of the training pairs say of their coefficients, linear in them about ``theta``: information (pairs, 5, 5) and its product with the target (pairs, 5)."""
    n, nu = len(data.pairs), noise.freedom
    on, on_dilute = train[data.pair_of], train[data.pair_of_dilute]
    of, of_dilute = data.pair_of[on], data.pair_of_dilute[on_dilute]
    part, d1, d2 = data.subset(on), data.d1[on], data.d2[on]
    g1, g2 = data.g1[on] + (d1 * theta[of]).sum(1), data.g2[on] + (d2 * theta[of]).sum(1)
    gap = np.log(part.data.value) - np.log(part.pressure(g1, g2))
    f1, f2 = part.data.x * np.exp(g1 + part.ln_p1), (1 - part.data.x) * np.exp(g2 + part.ln_p2)
    y = (f1 / (f1 + f2))[:, None]
    jacobian = y * d1 + (1 - y) * d2
    count = np.bincount(data.pair_of, minlength=n)[of]
    weight = 1.0 / noise.pressure**2 / np.maximum(1.0, count / noise.independent)
    weight *= 3.0 / (3.0 + (gap / 0.1) ** 2) if first else (nu + 1) / (nu + np.minimum((gap / noise.pressure) ** 2, 1e4))
    d3 = data.d_dilute[on_dilute]
    gap3 = data.dilute.value[on_dilute] - data.g_dilute[on_dilute] - (d3 * theta[of_dilute]).sum(1)
    count3 = np.bincount(data.pair_of_dilute, minlength=n)[of_dilute]
    weight3 = 1.0 / noise.dilute**2 * (nu + 1) / (nu + (gap3 / noise.dilute) ** 2) / np.maximum(1.0, count3 / 3.0)
    information, product = np.zeros((n, 5, 5)), np.zeros((n, 5))
    for where, w, jac, r in ((of, weight, jacobian, gap), (of_dilute, weight3, d3, gap3)):
        target = r + (jac * theta[where]).sum(1)
        for a in range(5):
            product[:, a] += np.bincount(where, w * jac[:, a] * target, n)
            for b in range(5):
                information[:, a, b] += np.bincount(where, w * jac[:, a] * jac[:, b], n)
    return information, product


def condition(data: Data, train: NDArray[np.bool_], width: Width, scale: Scale, noise: Noise) -> tuple[Learned, Array]:
    """The process given the data of the training pairs, and the mean of the coefficients of all pairs, shape (pairs, 5).

    Bubble pressures are not linear in the coefficients and errors have heavy tails: linearised and weighted anew ROUNDS times (Gauss and Newton, iterated weights).
    """
    both = sets(data, scale)
    prior = covariances(both, both, width)
    spread = np.sqrt([c.diagonal().mean() for c in prior])
    theta = np.zeros((len(data.pairs), 5))
    for round_ in range(ROUNDS):
        information, product = weigh(data, train, theta, noise, round_ == 0)
        size, axes = np.linalg.eigh(information * spread[:, None] * spread[None, :])
        at, which = np.nonzero(size > LEAST)  # combinations that the data say nothing of are left out
        root = np.sqrt(size[at, which])[:, None]
        rows = axes[at, :, which] / spread * root
        target = (axes[at, :, which] * spread * product[at]).sum(1) / root[:, 0]
        gram = np.zeros((len(at), len(at)))
        for a, c in enumerate(prior):
            gram += c[np.ix_(at, at)] * np.outer(rows[:, a], rows[:, a])
        gram[np.diag_indices(len(at))] += 1.0
        solved = scipy.linalg.cho_solve(scipy.linalg.cho_factor(gram, lower=True, overwrite_a=True, check_finite=False), target)
        weights = np.stack([np.bincount(at, rows[:, a] * solved, len(data.pairs)) for a in range(5)], 1)
        theta = np.stack([c @ weights[:, a] for a, c in enumerate(prior)], 1)
    return Learned(width, scale, *both, weights, at, rows, 1.0, 0.0, {}), theta


def trimmed(learned: Learned, train: NDArray[np.bool_]) -> Learned:
    """Without the pairs and molecules that are not of the training: what ships, and what a fold may know."""
    pairs = np.flatnonzero(train)
    kept = sorted(set(learned.pairs.i[pairs].tolist()) | set(learned.pairs.j[pairs].tolist()))
    place, again = {m: n for n, m in enumerate(kept)}, {p: n for n, p in enumerate(pairs.tolist())}
    i, j = (np.array([place[m] for m in side[pairs].tolist()], dtype=np.int64) for side in (learned.pairs.i, learned.pairs.j))
    molecules = Molecules(tuple(learned.molecules.keys[m] for m in kept), learned.molecules.at[kept])
    row_pair = np.array([again[p] for p in learned.row_pair.tolist()], dtype=np.int64)
    return evolve(learned, molecules=molecules, pairs=Pairs(i, j, learned.pairs.features[pairs]), weights=learned.weights[pairs], row_pair=row_pair)


def learn_metric(data: Data, train: NDArray[np.bool_], width: Width, noise: Noise, say: bool = False) -> Scale:
    """Weights of descriptors and groups that make the coefficient A0 of the training pairs most likely (marginal likelihood, by gradient; ridge on the logarithms of the weights).

    What is fitted to is the estimate of A0 of each of the MOST best known pairs given the other coefficients, with its variance; outliers found by leaving one out get a larger one.
    """
    import torch

    torch.set_num_threads(1)
    n_values, n_groups = len(data.molecules[0].values), len(data.molecules[0].groups)
    scale = scale_of(data, np.ones(n_values), np.ones(n_groups))
    _, theta = condition(data, train, width, scale, noise)
    information, product = weigh(data, train, theta, noise, False)
    known = np.argsort(-information[:, 0, 0], kind="stable")[:MOST]
    known = np.sort(known[information[known, 0, 0] > 1.0])
    others = np.einsum("pb,pb->p", information[known, 0, 1:], theta[known, 1:])
    y = torch.tensor((product[known, 0] - others) / information[known, 0, 0])
    variance = np.minimum(1.0 / information[known, 0, 0], 4.0)
    noise_now = torch.tensor(variance)
    molecules = scale.molecules(data.molecules).at
    x, g = torch.tensor(molecules[:, :n_values]), torch.tensor(molecules[:, n_values:])
    used = torch.tensor(g.numpy().any(0))
    g = g[:, used]
    i, j = torch.tensor(data.i[known]), torch.tensor(data.j[known])
    f = np.clip(data.table[known], -CLIP, CLIP)
    signature, linear = torch.tensor(np.hstack([f[:, 0], np.abs(f[:, 1])])), torch.tensor(f[:, 0])
    names = ("long", "short", "length_long", "length_short", "length_alike", "linear", "pair", "length_pair", "A0", "identity", "constant")
    start = torch.tensor(np.log([*(getattr(width, k) for k in names), 0.05]))
    own, values, groups = (
        start.clone().requires_grad_(True),
        torch.zeros(n_values, dtype=torch.float64, requires_grad=True),
        torch.zeros(g.shape[1], dtype=torch.float64, requires_grad=True),
    )
    believed = torch.zeros(linear.shape[1], dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.Adam([own, values, groups, believed], lr=RATE, betas=(0.8, 0.98))

    def squared(a: Any) -> Any:
        s = (a**2).sum(1)
        return (s[:, None] + s[None] - 2 * a @ a.T).clamp(min=0)

    eye = torch.eye(len(molecules), dtype=torch.float64)
    for step in range(STEPS):
        v = dict(zip((*names, "extra"), torch.exp(own), strict=True))
        distance = squared(x * torch.exp(values / 2)) + squared(g * torch.exp(groups / 2))
        like = v["constant"] ** 2 + v["long"] ** 2 * torch.exp(-distance / (2 * v["length_long"] ** 2)) + v["short"] ** 2 * torch.exp(-distance / (2 * v["length_short"] ** 2))
        like = like + v["identity"] ** 2 * eye
        like = like / like[0, 0]
        both = like[i][:, i] * like[j][:, j] + like[i][:, j] * like[j][:, i]
        unlike = torch.sqrt((1 - torch.exp(-distance[i, j] / (2 * v["length_alike"] ** 2))).clamp(min=1e-8))
        apart = unlike[:, None] * unlike[None]
        near = torch.exp(-squared(signature) / (2 * v["length_pair"] ** 2))
        said = linear * torch.exp(believed)
        k = v["A0"] ** 2 * (apart * both / 2 + v["linear"] ** 2 * (said @ said.T) * (1 - width.local + width.local * near) + v["pair"] ** 2 * apart * near)
        factor = torch.linalg.cholesky(k + torch.diag(noise_now + v["extra"] ** 2))
        solved = torch.cholesky_solve(y[:, None], factor)[:, 0]
        if step and step % 10 == 0:
            with torch.no_grad():
                own_variance = 1.0 / torch.cholesky_inverse(factor).diagonal()
                left_out = solved * own_variance
                far = (left_out**2 / own_variance) > 6
                noise_now = torch.tensor(variance) + (left_out**2 / 4 - own_variance).clamp(min=0) * far
        ridge = 2.0 * ((own - start) ** 2).sum() + (values**2).sum() + (groups**2).sum() + (believed**2).sum()
        loss = (0.5 * (y * solved).sum() + torch.log(factor.diagonal()).sum() + 0.5 * ridge) / len(known)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        if say and step % 5 == 0:
            print(f"    step {step}: {loss.item():.4f}", flush=True)
    group_weights = np.ones(n_groups)
    group_weights[used.numpy()] = np.exp(groups.detach().numpy())
    return scale_of(data, np.exp(values.detach().numpy()), group_weights)
