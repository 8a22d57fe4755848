"""YAML from elsewhere: plain data only, bounded in size and depth, no aliases (a few lines of them unpack to gigabytes), words as YAML 1.2 reads them (``NO`` is a text)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, ClassVar

from chemwright.errors import InputError, MissingExtra

MAX_TEXT = 50_000_000
MAX_DEPTH = 40
_FLOAT = re.compile(r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$")
_HOW = "write it as plain YAML: maps, lists, numbers and texts"


def _yaml() -> Any:
    try:
        import yaml
    except ImportError:
        raise MissingExtra("YAML files need pyyaml", fix="pip install 'chemwright[exchange]'") from None
    return yaml


@lru_cache(maxsize=1)
def _loader() -> Any:
    """A safe loader that knows null, true, false and numbers, as YAML 1.2 does, and nothing else."""
    yaml = _yaml()
    base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class Plain(base):  # type: ignore[misc, valid-type]
        yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}

    Plain.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))
    Plain.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
    Plain.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?[0-9]+$"), list("-+0123456789"))
    Plain.add_implicit_resolver("tag:yaml.org,2002:float", _FLOAT, list("-+0123456789."))
    Plain.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(loader.construct_scalar(node)) if len(node.value) < 20 else float(node.value))
    Plain.add_constructor("tag:yaml.org,2002:float", lambda loader, node: float(loader.construct_scalar(node).lower().replace(".inf", "inf").replace(".nan", "nan")))
    return Plain


def load(text: str, where: str) -> Any:
    """The data of a YAML text.

    Args:
        text: at most 50 MB.
        where: file to name in an error.

    Raises:
        InputError: no YAML, over the bounds, with aliases or with tags of programs; the line is named. MissingExtra: pyyaml is missing.
    """
    yaml = _yaml()
    if len(text) > MAX_TEXT:
        raise InputError(f"{len(text) / 1e6:.0f} MB of YAML, at most {MAX_TEXT / 1e6:.0f} MB expected", where=where, fix="split it")
    try:
        _look_through(yaml, text, where)
        return yaml.load(text, Loader=_loader())  # the loader is a safe one
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark is not None else ""
        raise InputError(f"no YAML that can be read: {getattr(error, 'problem', None) or str(error)[:100]}", where=where + line, fix=_HOW) from None
    except (ValueError, RecursionError, TypeError) as error:
        raise InputError(f"no YAML that can be read: {str(error)[:100]}", where=where, fix=_HOW) from None


def _look_through(yaml: Any, text: str, where: str) -> None:
    """Depth, aliases and tags, before anything is built."""
    depth = 0
    for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        line = f"{where}, line {event.start_mark.line + 1}"
        if isinstance(event, yaml.AliasEvent):
            raise InputError("an alias (*name), which chemwright does not follow", where=line, fix="write out what it stands for")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise InputError(f"nested over {MAX_DEPTH} deep", where=line, fix=_HOW)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        tag = getattr(event, "tag", None)
        if tag and not tag.startswith("tag:yaml.org,2002:") and tag != "!":
            raise InputError(f"the tag {tag[:60]!r}", where=line, fix=_HOW)
        if tag and "python" in tag:
            raise InputError(f"the tag {tag[:60]!r}", where=line, fix=_HOW)


def dump(data: Any) -> str:
    """Plain data as YAML in its own order."""
    yaml = _yaml()
    return str(yaml.dump(data, Dumper=yaml.SafeDumper, sort_keys=False, allow_unicode=True, default_flow_style=None, width=110))
