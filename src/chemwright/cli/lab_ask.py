"""Questions of `chemwright lab new` on a terminal."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from chemwright.cli.ask import answer, say
from chemwright.experiment.draft import campaign_toml, objective_toml, variable_toml


def ask_campaign(name: str) -> str:
    """The text of a campaign's file from the answers of a person.

    Raises:
        typer.Abort: the input ended, or was broken off.
    """
    say("A new campaign. Write conditions like 'temperature = 30 to 120 degC', 'equiv = 1, 1.5, 2', 'base = KOH, K2CO3'.")
    vary: list[str] = []
    while text := answer(f"Condition {len(vary) + 1}{' (empty to end)' if vary else ''}", _checked(variable_toml, empty=bool(vary)), "" if vary else None):
        vary.append(text)
    wanted: list[tuple[str, str]] = []
    for goal, question in (("maximise", "To maximise, as 'yield [%]'"), ("minimise", "To minimise, as 'E-factor'")):
        optional = bool(wanted) or goal == "maximise"
        if text := answer(f"{question}{' (empty for none)' if optional else ''}", _checked(partial(_objective, goal), empty=optional), "" if optional else None):
            wanted.append((goal, text))
    cost = answer("Cost of one experiment, as '40 EUR' (empty: counted in runs)", lambda _: "", "")
    budget = answer("Budget (empty for none)", lambda _: "", "")
    return campaign_toml(name, vary, wanted, (), cost, budget)


def _objective(goal: str, text: str) -> str:
    return objective_toml(text, goal)


def _checked(read: Callable[[str], str], *, empty: bool) -> Callable[[str], str]:
    def check(text: str) -> str:
        if text or not empty:
            read(text)
        return ""

    return check
