"""The optional packages of the laboratory, imported where they are needed and named plainly where they are missing."""

from __future__ import annotations

from typing import Any

from chemwright.errors import MissingExtra


def missing_extra(package: str, extra: str = "lab") -> MissingExtra:
    """The error that says what to install."""
    return MissingExtra(f"{package} is not installed", where="laboratory", fix=f'pip install "chemwright[{extra}]"')


def opcua() -> Any:
    """The package ``asyncua``.

    Raises:
        MissingExtra: it is not installed.
    """
    try:
        import asyncua
    except ImportError:
        raise missing_extra("asyncua") from None
    return asyncua
