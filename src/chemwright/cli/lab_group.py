"""The group ``chemwright lab``, and the options that its commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chemwright.cli import complete
from chemwright.cli.app import app

lab = typer.Typer(
    name="lab",
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Campaigns: what to run next, and what came of it.\n\nExample: chemwright lab new suzuki --template screen, then chemwright lab suggest suzuki -n 4",
)
app.add_typer(lab)

Folder = Annotated[Path, typer.Argument(metavar="CAMPAIGN", help="The campaign's folder, or the campaign.toml in it.", autocompletion=complete.toml_files)]
