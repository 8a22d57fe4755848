"""``chemwright lab run, station, virtual, certificates, watch, audit, clear, abort, stop``: the laboratory itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from chemwright.cli.app import Json, _print
from chemwright.cli.lab_group import Folder, lab
from chemwright.cli.session import progress_bar, session

Who = Annotated[str, typer.Option("--who", help="Your name; it is kept in the audit log.")]
Why = Annotated[str, typer.Option("--why", help="The reason; it is kept in the audit log.")]
OneStation = Annotated[str, typer.Option("--station", metavar="NAME", help="Only this station; all of them when left out.")]
Url = Annotated[str, typer.Option("--url", help="Address of the OPC UA server.")]
Keys = Annotated[Path | None, typer.Option("--keys", help="Folder that 'chemwright lab certificates' made; the user's own when left out.")]
Speed = Annotated[float, typer.Option("--speed", min=0.01, max=2000.0, help="Seconds of the virtual lab in one of the clock.")]
URL = "opc.tcp://127.0.0.1:4840/lab"


def _keys(keys: Path | None) -> Path:
    from chemwright.experiment.lab.guard.endpoint import user_folder

    return keys or user_folder() / "opcua"


@lab.command()
def run(
    campaign: Folder,
    station: Annotated[list[Path] | None, typer.Option("--station", metavar="FILE", help="A station's file; can be given again for reactors side by side.")] = None,
    driver: Annotated[str, typer.Option("--driver", help="virtual or opcua: the virtual lab, in processes of this command or behind 'chemwright lab virtual'.")] = "virtual",
    url: Url = URL,
    keys: Keys = None,
    speed: Speed = 1.0,
    runs: Annotated[int | None, typer.Option("--runs", min=1, help="End after so many experiments; when the campaign says so if left out.")] = None,
    attempts: Annotated[int, typer.Option("--attempts", min=1, help="At one experiment, where the equipment fails.")] = 4,
    patience: Annotated[float, typer.Option("--patience", min=0.0, help="Seconds for which no station may be able to work.")] = 600.0,
    as_json: Json = False,
) -> None:
    """Run a campaign in the laboratory, guarded; after any end the same command goes on where it was.

    Example: chemwright lab run snar --driver virtual --speed 500 --runs 10
    """
    with session(as_json), progress_bar() as progress:
        from chemwright.experiment.lab.bench_file import read_bench
        from chemwright.experiment.lab.runner import RunOptions
        from chemwright.experiment.lab.session import built_in_bench, run_campaign

        options = {"url": url, "keys": str(_keys(keys))} if driver == "opcua" else {}
        benches = [read_bench(p) for p in station] if station else [built_in_bench(driver, speed, **options)]
        poll = 0.05 if any(b.station.time_factor > 10 for b in benches) else 0.5
        result = run_campaign(campaign, benches, RunOptions(runs, attempts, 0.3 if poll < 0.5 else 2.0, patience), {"poll": poll}, progress)
    from chemwright.cli import lab_run_tables

    _print(as_json, result, lambda: lab_run_tables.ran(result))


@lab.command()
def station(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to, as station.toml.")],
    driver: Annotated[str, typer.Option("--driver", help="virtual, opcua, sila, modbus, serial, folder or sheet.")] = "virtual",
    as_json: Json = False,
) -> None:
    """Write a station's file to edit: channels, limits, interlocks, what counts as steady, how variables become set points.

    Example: chemwright lab station station.toml --driver sheet
    """
    with session(as_json):
        from chemwright.errors import InputError
        from chemwright.experiment.lab.bench_file import bench_toml
        from chemwright.experiment.lab.templates import template

        if file.exists():
            raise InputError("the file is there already", where=str(file), fix="name another one")
        bench = template(driver)
        file.write_text(bench_toml(bench), encoding="utf-8")
        result = {"file": str(file), "driver": driver}
    from chemwright.cli import tables

    _print(as_json, result, lambda: tables.say(f"wrote {file}: edit it, then chemwright lab run CAMPAIGN --station {file}"))


@lab.command()
def certificates(
    keys: Keys = None,
    user: Annotated[str, typer.Option("--user", help="Name of the user whom the server lets in.")] = "planner",
    host: Annotated[list[str] | None, typer.Option("--host", help="Name of the server's machine; localhost when left out.")] = None,
    renew: Annotated[bool, typer.Option("--renew", help="Make new ones in the place of old ones.")] = False,
    as_json: Json = False,
) -> None:
    """Make keys and certificates for OPC UA, and a password; private ones readable by you alone.

    Example: chemwright lab certificates
    """
    with session(as_json):
        from chemwright.experiment.lab.certificates import make_certificates

        result = {"folder": str(_keys(keys)), "files": make_certificates(_keys(keys), user, hosts=tuple(host or ("localhost",)), renew=renew)}
    from chemwright.cli import tables

    _print(as_json, result, lambda: tables.say(f"wrote keys, certificates and the password of {user!r} to {result['folder']}"))


@lab.command()
def virtual(
    url: Url = URL,
    keys: Keys = None,
    speed: Speed = 1.0,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the noise.")] = 0,
    faults: Annotated[
        str, typer.Option("--faults", metavar="JSON_OR_FILE", help='As \'[{"kind": "blocked_pump", "target": "flow_b", "begin": 3600, "length": 900}]\', or a file of it.')
    ] = "[]",
    watchdog: Annotated[float, typer.Option("--watchdog", min=0.0, help="Seconds without a driver until the lab makes itself safe.")] = 5.0,
    diary: Annotated[Path | None, typer.Option("--diary", metavar="FILE", help="Keep what really happens in a file.")] = None,
    as_json: Json = False,
) -> None:
    """Serve the virtual flow reactor over OPC UA, encrypted, until interrupted.

    Example: chemwright lab virtual --speed 100
    """
    with session(as_json):
        import time

        from chemwright.experiment.lab.drivers.virtual import read_faults
        from chemwright.experiment.lab.virtual.lab import snar_lab
        from chemwright.experiment.lab.virtual.opcua_server import serve

        text = faults if faults.lstrip().startswith("[") else Path(faults).read_text(encoding="utf-8")
        reactor = snar_lab(speed, faults=read_faults(text), seed=seed, watchdog=watchdog, epoch=time.time(), diary=diary)
        told: dict[str, Any] = {"url": url, "speed": speed, "keys": str(_keys(keys))}
        serve(reactor, url, _keys(keys), lambda: _ready(told, as_json))


def _ready(told: dict[str, Any], as_json: bool) -> None:
    import json
    import sys

    line = json.dumps({"ready": told}) if as_json else f"the virtual lab is at {told['url']}, {told['speed']:g} times as fast as the clock; ctrl-c ends it"
    print(line, file=sys.stderr, flush=True)


@lab.command()
def watch(
    campaign: Folder,
    every: Annotated[float, typer.Option("--every", min=0.0, help="Seconds between two looks; 0 looks once.")] = 0.0,
    as_json: Json = False,
) -> None:
    """Show the stations of a campaign as they are: state, run in hand, readings.

    Example: chemwright lab watch snar --every 2
    """
    import time

    while True:
        with session(as_json):
            from chemwright.experiment.lab.session import live

            result = {"stations": live(campaign)}
        from chemwright.cli import lab_run_tables

        _print(as_json, result, lambda r=result: lab_run_tables.live(r))  # type: ignore[misc]
        if not every:
            return
        time.sleep(every)


@lab.command()
def audit(
    campaign: Folder,
    last: Annotated[int, typer.Option("--last", min=0, max=100_000, help="Lines to show.")] = 20,
    verify: Annotated[bool, typer.Option("--verify", help="Only look whether the logs are whole.")] = False,
    as_json: Json = False,
) -> None:
    """Show what was done in the laboratory, and prove the log whole; exit status 1 when it is not.

    Example: chemwright lab audit snar --verify
    """
    with session(as_json):
        from chemwright.experiment.lab.session import audit as look

        result = look(campaign, 0 if verify else last)
    from chemwright.cli import lab_run_tables

    _print(as_json, result, lambda: lab_run_tables.audit(result))
    if not result["ok"]:
        raise typer.Exit(1)


def _tell(campaign: Path, verb: str, who: str, why: str, station: str, as_json: bool) -> None:
    with session(as_json):
        from chemwright.experiment.lab.session import tell_guards

        result = {"stations": tell_guards(campaign, verb, who, why, station)}
    from chemwright.cli import tables

    _print(as_json, result, lambda: tables.say(f"{verb}: " + ", ".join(result["stations"])))


@lab.command()
def clear(campaign: Folder, who: Who, why: Why, station: OneStation = "", as_json: Json = False) -> None:
    """Say that a tripped interlock may be forgotten, after you have looked.

    Example: chemwright lab clear snar --who "A. Chemist" --why "filter changed"
    """
    _tell(campaign, "clear", who, why, station, as_json)


@lab.command()
def abort(campaign: Folder, who: Who, why: Why, station: OneStation = "", as_json: Json = False) -> None:
    """Bring the stations to their safe state at once; the run in hand is lost.

    Example: chemwright lab abort snar --who "A. Chemist" --why "smell of amine"
    """
    _tell(campaign, "abort", who, why, station, as_json)


@lab.command()
def stop(campaign: Folder, station: OneStation = "", as_json: Json = False) -> None:
    """End the guards of a campaign: safe state first.

    Example: chemwright lab stop snar
    """
    _tell(campaign, "end", "", "", station, as_json)


@lab.command()
def trace(
    campaign: Folder,
    objective: Annotated[str, typer.Option("--objective", help="Whose figures; the first one when left out.")] = "",
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Draw into an .svg file.")] = None,
    as_json: Json = False,
) -> None:
    """Show every attempt in the laboratory: data, what was spoilt and why, the best so far.

    Example: chemwright lab trace snar --out trace.svg
    """
    with session(as_json):
        from chemwright.experiment.lab.history import attempts_of

        result = attempts_of(campaign, objective)
        if out is not None:
            from chemwright.report.lab_chart import write_lab_trace

            result["file"] = str(write_lab_trace(out, result))
    from chemwright.cli import lab_run_tables

    _print(as_json, result, lambda: lab_run_tables.trace(result))
