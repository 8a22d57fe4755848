"""``chemwright lab``: campaigns of experiments from the first file to the last claim."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chemwright.cli.app import Json, _print
from chemwright.cli.lab_group import Folder, lab
from chemwright.cli.session import progress_bar, session

if TYPE_CHECKING:
    from chemwright.experiment.campaign import Campaign

Trials = Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="A CSV file; units in its header or cells.")]


@lab.command()
def new(
    name: Annotated[str, typer.Argument(help="Name of the campaign.")],
    folder: Annotated[Path | None, typer.Option("--folder", help="Where to; a folder of that name when left out.")] = None,
    template: Annotated[str, typer.Option("--template", metavar="NAME", help="flow, screen or mixture: a commented example to edit.")] = "",
    vary: Annotated[list[str] | None, typer.Option("--vary", metavar="TEXT", help="As 'temperature = 30 to 120 degC' or 'base = KOH, K2CO3'; can be given again.")] = None,
    maximise: Annotated[list[str] | None, typer.Option("--maximise", metavar="TEXT", help="As 'yield [%]'; can be given again.")] = None,
    minimise: Annotated[list[str] | None, typer.Option("--minimise", metavar="TEXT", help="As 'E-factor'; can be given again.")] = None,
    target: Annotated[list[str] | None, typer.Option("--target", metavar="TEXT", help="As 'viscosity = 5 mPa s'; can be given again.")] = None,
    at_least: Annotated[list[str] | None, typer.Option("--at-least", metavar="TEXT", help="A limit, as 'purity = 98 %'; can be given again.")] = None,
    at_most: Annotated[list[str] | None, typer.Option("--at-most", metavar="TEXT", help="A limit, as 'impurity = 0.5 %'; can be given again.")] = None,
    rule: Annotated[list[str] | None, typer.Option("--rule", metavar="TEXT", help="As '2*equiv + temperature/100 <= 5'; can be given again.")] = None,
    cost: Annotated[str, typer.Option("--cost", help="Of one experiment, as '40 EUR'.")] = "",
    budget: Annotated[str, typer.Option("--budget", help="As '2000 EUR', or a number of experiments.")] = "",
    as_json: Json = False,
) -> None:
    """Write a campaign's file from flags, questions or a template.

    Example: chemwright lab new esterification --vary "temperature = 30 to 120 degC" --vary "acid = H2SO4, TsOH" --maximise "yield [%]"
    """
    with session(as_json):
        from chemwright.cli.ask import on_a_terminal
        from chemwright.cli.lab_ask import ask_campaign
        from chemwright.errors import InputError
        from chemwright.experiment.campaign_file import read_campaign
        from chemwright.experiment.draft import campaign_toml
        from chemwright.experiment.template import TEMPLATES, write_campaign_file
        from chemwright.experiment.template import template as template_text

        place = folder or Path(name)
        goals = {"maximise": maximise, "minimise": minimise, "target": target, "at_least": at_least, "at_most": at_most}
        wanted = [(goal, text) for goal, texts in goals.items() for text in texts or ()]
        if vary or wanted:
            if template:
                raise InputError("a template and conditions of one's own", where="--template", fix="give one of them")
            text = campaign_toml(name, vary or (), wanted, rule or (), cost, budget)
        elif not template and not as_json and on_a_terminal():
            text = ask_campaign(name)
        else:
            text = template_text(name, template or next(iter(TEMPLATES)), str(place))
        path = write_campaign_file(place, text)
        try:
            read_campaign(path)
        except BaseException:
            path.unlink()
            raise
        result = {"campaign": str(path), "next": f"chemwright lab suggest {place}"}
    from chemwright.cli import lab_tables

    _print(as_json, result, lambda: lab_tables.written(result))


@lab.command()
def suggest(
    campaign: Folder,
    n: Annotated[int, typer.Option("-n", "--number", min=1, max=1000, help="How many experiments.")] = 1,
    reactor: Annotated[str, typer.Option("--reactor", help="The reactor they are for; any with room when left out.")] = "",
    anyway: Annotated[bool, typer.Option("--anyway", help="Go on where a stop rule would end the campaign.")] = False,
    repeat: Annotated[str, typer.Option("--repeat", metavar="ID", help="Repeat this experiment, -n times, in place of new ones.")] = "",
    own: Annotated[list[str] | None, typer.Option("--own", metavar="NAME=VALUE", help="A setting of an experiment that you choose; give all of them.")] = None,
    csv: Trials = None,
    as_json: Json = False,
) -> None:
    """Propose the next experiments, and keep them as open.

    Example: chemwright lab suggest suzuki -n 4 --csv next.csv
    """
    with session(as_json), progress_bar() as progress:
        from chemwright.experiment.folder import change_campaign

        chosen: str | dict[str, Any] = repeat or (_pairs(own) if own else "")
        changed = change_campaign(campaign, lambda c: c.plan(chosen, n, reactor=reactor) if chosen else c.suggest(n, reactor=reactor, anyway=anyway, progress=progress))
        if csv is not None and changed.last:
            _write_csv(changed, csv, [changed.trial(t) for t in changed.last], blank=True)
        result = _proposed(changed)
        result["csv"] = str(csv) if csv is not None and changed.last else ""
    from chemwright.cli import lab_tables

    _print(as_json, result, lambda: lab_tables.proposed(result))


@lab.command()
def tell(
    campaign: Folder,
    what: Annotated[
        list[str] | None, typer.Argument(metavar="[ID] NAME=VALUE...", help="The experiment and its figures, as t3 'yield=85 %'; or all settings and figures of your own.")
    ] = None,
    csv: Trials = None,
    failed: Annotated[bool, typer.Option("--failed", help="It failed: the like is avoided from now on.")] = False,
    abandon: Annotated[bool, typer.Option("--abandon", help="It was not run: nothing is learned from it.")] = False,
    note: Annotated[str, typer.Option("--note", help="Why, or what a reader must know.")] = "",
    replace: Annotated[bool, typer.Option("--replace", help="Correct an experiment that was told before.")] = False,
    as_json: Json = False,
) -> None:
    """Enter what experiments gave, one or a CSV file of them.

    Example: chemwright lab tell suzuki t3 "yield=85 +/- 2 %" --note "clear solution"

    Or: chemwright lab tell suzuki --csv results.csv
    """
    with session(as_json):
        from chemwright.experiment.folder import change_campaign

        if csv is not None:
            changed, ids = _tell_csv(campaign, csv, what or [], replace)
        else:
            row = _pairs(what or [])
            changed = change_campaign(campaign, lambda c: _entered(c, row, failed, abandon, note, replace))
            ids = [row["id"]] if "id" in row else [t.id for t in changed.trials[-1:]]
        result = _told(changed, ids)
    from chemwright.cli import lab_tables

    _print(as_json, result, lambda: lab_tables.told(result))


@lab.command()
def status(campaign: Folder, trials: Annotated[bool, typer.Option("--trials", help="List every experiment.")] = False, as_json: Json = False) -> None:
    """Say where a campaign stands, and whether to go on.

    Example: chemwright lab status suzuki --trials
    """
    with session(as_json):
        from chemwright.experiment.folder import open_campaign
        from chemwright.experiment.status import trial_data

        opened = open_campaign(campaign)
        result = opened.status()
        result["words"] = [*opened.words, *result["words"]]
        result["trials"] = [trial_data(opened.record, t) for t in opened.trials] if trials or as_json else []
    from chemwright.cli import lab_tables

    _print(as_json, result, lambda: lab_tables.status(result))


@lab.command()
def plot(
    campaign: Folder,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="An .svg picture of the trace, or an .html page with everything.")] = Path("campaign.html"),
    as_json: Json = False,
) -> None:
    """Draw trace, front, what each variable does, failures.

    Example: chemwright lab plot suzuki --out suzuki.html
    """
    with session(as_json), progress_bar() as progress:
        from chemwright.experiment.folder import open_campaign
        from chemwright.experiment.pictures import picture_data
        from chemwright.report.campaign_page import write_campaign

        opened = open_campaign(campaign)
        data = picture_data(opened, progress)
        charts = [c for c in data["charts"] if out.suffix.lower() == ".html" or c in ("trace", "front")]
        result = {"file": str(write_campaign(out, data)), "charts": charts, "words": list(opened.words)}
    from chemwright.cli import lab_tables

    _print(as_json, result, lambda: lab_tables.drawn(result))


@lab.command()
def export(
    campaign: Folder,
    csv: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="All experiments into a CSV file.")] = None,
    to_kb: Annotated[str, typer.Option("--to-kb", metavar="FILE_OR_URL", help="Ended experiments into a knowledge base.")] = "",
    about: Annotated[str, typer.Option("--about", metavar="SUBSTANCE", help="The product that the figures are of: the best becomes a claim about it.")] = "",
    as_json: Json = False,
) -> None:
    """Write the experiments into a CSV file or a knowledge base.

    Example: chemwright lab export suzuki --csv suzuki.csv --to-kb knowledge.kb --about biphenyl
    """
    with session(as_json):
        from chemwright.errors import InputError
        from chemwright.experiment.folder import open_campaign

        if csv is None and not to_kb:
            raise InputError("nowhere to export to", where="export", fix="give --csv FILE or --to-kb FILE_OR_URL")
        opened = open_campaign(campaign)
        result: dict[str, Any] = {"experiments": len(opened.trials), "csv": "", "knowledge_base": "", "entered": 0, "words": []}
        if csv is not None:
            _write_csv(opened, csv, opened.trials, blank=False)
            result["csv"] = str(csv)
        if to_kb:
            from chemwright.experiment.to_knowledge import write_knowledge

            entered, words = write_knowledge(opened.record, to_kb, about)
            result |= {"knowledge_base": to_kb, "entered": entered, "words": words}
    from chemwright.cli import lab_tables

    _print(as_json, result, lambda: lab_tables.exported(result))


@lab.command()
def borrow(campaign: Folder, other: Annotated[Path, typer.Argument(help="Folder of the campaign whose experiments are to be learned from.")], as_json: Json = False) -> None:
    """Learn from another campaign, under an offset of its own.

    Example: chemwright lab borrow suzuki-scale-up suzuki
    """
    with session(as_json):
        from chemwright.experiment.folder import change_campaign, open_campaign

        lender = open_campaign(other)
        changed = change_campaign(campaign, lambda c: c.warm_start(lender))
        result = {"borrowed": len(changed.record.borrowed), "words": list(changed.words)}
    from chemwright.cli import lab_tables

    _print(as_json, result, lambda: lab_tables.borrowed(result))


def _pairs(what: list[str]) -> dict[str, Any]:
    """``t3 yield=85 %`` as names and values; the first word without an equals sign is the experiment's id.

    Raises:
        InputError: more than one word without an equals sign, a name twice.
    """
    from chemwright.errors import InputError

    out: dict[str, Any] = {}
    for text in what:
        name, sign, value = (part.strip() for part in text.partition("="))
        key = name if sign else "id"
        if key in out:
            raise InputError(f"{text!r} gives {key!r} twice", where="tell", fix="write it like t3 'yield=85 %'; texts with spaces stand in quotes")
        out[key] = value if sign else name
    if not out:
        raise InputError("nothing is told", where="tell", fix="give an experiment and its figures, as t3 'yield=85 %', or --csv FILE")
    return out


def _entered(c: Campaign, row: dict[str, Any], failed: bool, abandon: bool, note: str, replace: bool) -> Campaign:
    from chemwright.errors import InputError

    if abandon:
        if failed or set(row) != {"id"}:
            raise InputError("an abandoned experiment has nothing to tell", where="tell", fix="give its id alone")
        return c.abandon(row["id"], note)
    beside = {"note": note} if note else {}
    return c.tell({**row, **beside, **({"failed": True} if failed else {})}, replace=replace)


def _tell_csv(campaign: Path, csv: Path, what: list[str], replace: bool) -> tuple[Campaign, list[str]]:
    from attrs import evolve

    from chemwright.errors import InputError
    from chemwright.experiment.folder import change_campaign
    from chemwright.experiment.told_csv import read_csv

    if what:
        raise InputError(f"{what[0]!r} beside a CSV file", where="tell", fix="give one of them")
    before: list[Campaign] = []

    def change(c: Campaign) -> Campaign:
        before.append(c)
        rows, places, notes = read_csv(c.record, csv)
        told = c.tell_rows(rows, where=places, replace=replace)
        return evolve(told, words=(*notes, *told.words))

    changed = change_campaign(campaign, change)
    old = {t.id: t for t in before[-1].trials}
    return changed, [t.id for t in changed.trials if old.get(t.id) != t]


def _write_csv(c: Campaign, path: Path, trials: Any, *, blank: bool) -> None:
    from chemwright.experiment.told_csv import write_csv
    from chemwright.record.atomic import write_atomic

    write_atomic(path, write_csv(c.record, trials, blank=blank).encode())


def _proposed(c: Campaign) -> dict[str, Any]:
    from chemwright.experiment.status import trial_data

    stop = c.verdict
    return {
        "proposed": [trial_data(c.record, c.trial(t)) for t in c.last],
        "open": [t.id for t in c.open],
        "stop": not c.last and not c.open,
        "spent": c.spent,
        "words": [*c.words, *([stop.words] if stop.words and c.last else [])],
    }


def _told(c: Campaign, ids: list[str]) -> dict[str, Any]:
    from chemwright.experiment.status import trial_data

    full = c.status()
    return {
        "told": [trial_data(c.record, c.trial(t)) for t in ids],
        "open": [t.id for t in c.open],
        "best": full["best"],
        "front": len(full["front"]),
        "verdict": full["verdict"],
        "words": [*c.words, *full["words"]],
    }
