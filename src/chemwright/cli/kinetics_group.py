"""The group ``chemwright kinetics``."""

from __future__ import annotations

import typer

from chemwright.cli.app import app

kinetics = typer.Typer(
    name="kinetics",
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Rate laws fitted to measured runs.\n\nExample: chemwright kinetics spectra spectra.toml --plot spectra.svg",
)
app.add_typer(kinetics)
