"""A tube filled with parcels of liquid that move, react and leave: plug flow that is right while flows and temperature change."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from chemwright.model.protocol import Array
from chemwright.model.reactors import RateLaw

MOST = 120
"""Parcels that a full tube is cut into at the most."""
STEP = 0.08
"""Largest change of a concentration in one Runge-Kutta step, as a share of the largest concentration."""


class Tube:
    """A tube of constant volume, isothermal over its length.

    Args:
        law: rates of what happens in it.
        theta: parameters of the law.
        volume: m^3.
        start: concentrations (S,) mol/m^3 that fill it at first.
    """

    def __init__(self, law: RateLaw, theta: Sequence[float], volume: float, start: Sequence[float]) -> None:
        self.law, self.theta, self.volume = law, list(theta), volume
        self.c = np.asarray(start, dtype=float).reshape(-1, 1)  # (S, n), the outlet first
        self.v = np.array([volume])
        self.out = self.c[:, 0].copy()

    def advance(self, seconds: float, flow: float, feed: Array, temperature: float) -> Array:
        """React and move for some seconds.

        Args:
            seconds: of the step; short against the residence time.
            flow: m^3/s that enters and leaves.
            feed: concentrations (S,) mol/m^3 of what enters.
            temperature: K.

        Returns:
            concentrations (S,) of what left, mol/m^3; the last ones where nothing left.
        """
        self._react(seconds, temperature)
        if flow <= 0:
            return self.out
        enters = flow * seconds
        self._push(enters, feed)
        self.out = self._pop(enters)
        return self.out

    def _react(self, seconds: float, temperature: float) -> None:
        """Runge and Kutta's classical step on all parcels, halved until no concentration changes much in one of them."""
        scale = float(np.max(self.c, initial=0.0))
        if scale == 0:
            return
        done, nu = 0.0, self.law.stoichiometry

        def slope(c: Array) -> Array:
            rates = self.law.rates(list(np.maximum(c, 0.0)), temperature, self.theta)
            return nu.T @ np.array([np.broadcast_to(r, c.shape[1]) for r in rates])

        while done < seconds - 1e-12:
            first = slope(self.c)
            fastest = float(np.max(np.abs(first), initial=0.0))
            h = min(seconds - done, STEP * scale / fastest if fastest > 0 else seconds)
            second = slope(self.c + 0.5 * h * first)
            third = slope(self.c + 0.5 * h * second)
            fourth = slope(self.c + h * third)
            self.c = np.maximum(self.c + h / 6 * (first + 2 * second + 2 * third + fourth), 0.0)
            done += h

    def _push(self, volume: float, feed: Array) -> None:
        """A parcel enters; small ones are mixed into the one before."""
        if self.v[-1] < self.volume / MOST:
            total = self.v[-1] + volume
            self.c[:, -1] = (self.c[:, -1] * self.v[-1] + feed * volume) / total
            self.v[-1] = total
        else:
            self.c, self.v = np.column_stack([self.c, feed]), np.append(self.v, volume)

    def _pop(self, volume: float) -> Array:
        """The mean of the parcels that leave; what is left of the last one stays."""
        gone, left, amount = 0, volume, np.zeros(len(self.c))
        while left > 0 and gone < len(self.v):
            take = min(left, self.v[gone])
            amount += take * self.c[:, gone]
            self.v[gone] -= take
            left -= take
            if self.v[gone] > 1e-12 * self.volume:
                break
            gone += 1
        if gone == len(self.v):  # all of it was washed out: what entered fills the tube
            gone = len(self.v) - 1
            self.v[gone] = self.volume
        self.c, self.v = self.c[:, gone:], self.v[gone:]
        return amount / (volume - left)
