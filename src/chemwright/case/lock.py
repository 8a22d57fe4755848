"""One writer at a time on a case folder; see :mod:`chemwright.record.lock`."""

from chemwright.record.lock import LOCK, WAIT, hold

__all__ = ["LOCK", "WAIT", "hold"]
