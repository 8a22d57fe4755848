"""The state of a batch of flashes while it runs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import frozen

from chemwright.thermo.equilibrium.feeds import ABSENT
from chemwright.thermo.equilibrium.fluid import LIQUID, VAPOUR, Array, Flags, FluidState, Index, Kinds, log_fractions
from chemwright.thermo.equilibrium.result import EquilibriumBatch
from chemwright.thermo.equilibrium.split import ACCEPTED, VANISHED, Split

SAME = 3e-6
"""Largest difference of a mole fraction, and of Z relative to it, of phases taken for one."""

LOOSE = 0.5
"""b/v [1] below which the lightest of several phases is called vapour; 0.25 at Peng and Robinson's critical point, 0.6 and more in ordinary liquids."""


@frozen(eq=False)
class Work:
    """Arrays over n feeds, changed in place.

    Args:
        state: n states.
        z: feeds, absent species at a value that stands for zero, shape (n, c).
        amounts: shape (n, p, c).
        kinds: shape (n, p).
        count: number of phases, shape (n,).
        gibbs: sum of n_i ln(f_i/P) [1], shape (n,).
        error: largest difference of ln f [1], shape (n,).
        failed: shape (n,), boolean.
    """

    state: FluidState
    z: Array
    amounts: Array
    kinds: Kinds
    count: Kinds
    gibbs: Array
    error: Array
    failed: Flags

    @classmethod
    def start(cls, state: FluidState, z: Array, max_phases: int) -> Work:
        """Every feed as the one phase of lowest Gibbs energy."""
        n, c = z.shape
        z = z / np.sum(z, axis=1, keepdims=True)
        kind = state.stable_kind(z)
        amounts, kinds = np.zeros((n, max_phases, c)), np.full((n, max_phases), -1, dtype=np.int8)
        amounts[:, 0], kinds[:, 0] = z, kind
        gibbs = np.sum(z * (log_fractions(z) + state.ln_phi(z, kind)), axis=1)
        return cls(state, z, amounts, kinds, np.ones(n, dtype=np.int8), gibbs, np.zeros(n), np.zeros(n, dtype=bool))

    def store(self, rows: Index, out: Split, kinds: Kinds) -> Index:
        """Keep a split that lowers the Gibbs energy, cleaned of phases that vanished or became the same; returns rows that must be split again."""
        again = []
        for r, amounts, kind, gibbs, error in zip(rows, *self._clean(rows, out, kinds), out.gibbs, out.error, strict=True):
            lost = len(amounts) < out.amounts.shape[1]
            self.failed[r] |= not lost and error > ACCEPTED
            if lost and len(amounts) == 1:
                continue  # nothing but the feed itself: what is stored stays
            p = len(amounts)
            self.amounts[r], self.kinds[r] = 0.0, -1
            self.amounts[r, :p], self.kinds[r, :p] = amounts, kind
            self.count[r], self.gibbs[r], self.error[r] = p, gibbs, error
            if lost or (not self.state.one_surface and np.any(kind != kinds[np.flatnonzero(rows == r)[0]][:p])):
                again.append(r)
        return np.array(again, dtype=np.intp)

    def _clean(self, rows: Index, out: Split, kinds: Kinds) -> tuple[list[Array], list[Kinds]]:
        """Amounts and kinds of the phases that are left of each row."""
        n, p, c = out.amounts.shape
        total = np.sum(out.amounts, axis=2)
        x = np.where((total > 0.0)[:, :, None], out.amounts / np.maximum(total, 1e-300)[:, :, None], 1.0 / c).reshape(n * p, c)
        many = self.state.take(np.repeat(rows, p))
        flat = kinds.reshape(-1)
        new = many.stable_kind(x)
        gain = np.sum(x * (many.ln_phi(x, flat) - many.ln_phi(x, new)), axis=1)
        if not self.state.one_surface:
            new = np.where(gain > 1e-9, new, flat).astype(np.int8)
        new = new.reshape(n, p)
        big_z = many.compressibility(x, new.reshape(-1)).reshape(n, p)
        x = x.reshape(n, p, c)
        close = (np.max(np.abs(x[:, :, None] - x[:, None]), axis=3) < SAME) & (np.abs(big_z[:, :, None] - big_z[:, None]) <= SAME * np.maximum(big_z[:, :, None], big_z[:, None]))
        plain = np.all(total > VANISHED, axis=1) & (np.sum(close, axis=(1, 2)) == p)
        amounts_out, kinds_out = list(out.amounts), list(new)
        for i in np.flatnonzero(~plain):
            kept: list[int] = []
            sums = out.amounts[i].copy()
            for k in np.argsort(-total[i]):
                twin = next((m for m in kept if close[i, k, m]), None)
                if twin is None and total[i, k] > VANISHED:
                    kept.append(int(k))
                else:
                    sums[kept[0] if twin is None else twin] += sums[k]
            amounts_out[i], kinds_out[i] = sums[kept], new[i][kept]
        return amounts_out, kinds_out

    def answer(self, ids: Sequence[str], feed: Array) -> EquilibriumBatch:
        """The answer, phases in order; rows that failed are NaN."""
        p = int(np.max(self.count))
        amounts, kinds = self.amounts[:, :p], self.kinds[:, :p].copy()
        n, _, c = amounts.shape
        total = np.sum(amounts, axis=2)
        x = amounts / np.where(total > 0.0, total, np.nan)[:, :, None]
        filled = np.where(np.isfinite(x), x, 1.0 / c)
        many = self.state.take(np.repeat(np.arange(n), p))
        none = kinds < 0
        big_z = many.compressibility(filled.reshape(n * p, c), np.maximum(kinds, 0).reshape(-1)).reshape(n, p)
        kinds = self._named(filled, kinds, big_z)
        order = np.lexsort((-total, -big_z, np.where(none, 2, 1 - kinds)), axis=1)
        kinds, big_z, total = (np.take_along_axis(v, order, axis=1) for v in (kinds, big_z, total))
        x = np.take_along_axis(x, order[:, :, None], axis=1)
        x = np.where((feed <= ABSENT)[:, None, :] & np.isfinite(x), 0.0, x)
        bad, none = self.failed[:, None], kinds < 0
        return EquilibriumBatch(
            tuple(ids),
            self.state.T,
            self.state.P,
            np.where(self.failed, 0, self.count).astype(np.int8),
            np.where(bad, -1, kinds).astype(np.int8),
            np.where(bad, np.nan, total),
            np.where(bad[:, :, None], np.nan, x),
            np.where(bad | none, np.nan, big_z),
            self.error,
            np.where(self.failed, np.nan, self.gibbs),
        )

    def _named(self, x: Array, kinds: Kinds, big_z: Array) -> Kinds:
        """Kinds as a reader expects. A phase keeps the name of its root where its composition has two; where it has one, its density tells, and of several phases only the lightest is a vapour, near the critical point too."""
        if not self.state.one_surface:
            return kinds
        n, p, c = x.shape
        many = self.state.take(np.repeat(np.arange(n), p))
        flat, own = x.reshape(n * p, c), many.stable_kind(x.reshape(n * p, c))
        ends = [many.compressibility(flat, np.full(n * p, k, dtype=np.int8)) for k in (LIQUID, VAPOUR)]
        free = (ends[1] - ends[0] <= 1e-12 * ends[1]).reshape(n, p) & (kinds >= 0)
        out = np.where(kinds < 0, kinds, own.reshape(n, p)).astype(np.int8)
        several = (self.count > 1)[:, None] & free
        light = np.argmax(np.where(kinds >= 0, big_z, -1.0), axis=1)[:, None] == np.arange(p)
        open_structure = (many.packing(flat, own) < LOOSE).reshape(n, p)
        out = np.where(several & light & open_structure, VAPOUR, out)
        return np.where(several & ~light, LIQUID, out).astype(np.int8)
