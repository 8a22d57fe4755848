"""Write docs/reference/vocabulary.md from the table of properties; ``--check`` only says whether the page is up to date."""

from __future__ import annotations

import sys
from pathlib import Path

from chemwright.knowledge.properties import CONDITIONS, Property
from chemwright.knowledge.vocabulary import vocabulary

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "vocabulary.md"
HEAD = '''# The vocabulary of properties

Written by `python scripts/vocabulary_page.py` from `src/chemwright/data/vocabulary/properties.csv`; change the table, not this page.

{count} properties. Each has one name, one SI unit and one meaning, so that numbers from many sources can be merged. A property is found by its
name, an alias or its Chinese name; capitals, blanks, `_` and hyphens don't matter. A name that is not known is answered with near misses.

- *Possible*: a value outside is refused. *Usual*: a value outside is possible but suspicious. Both are in the unit of the row, and set wide on purpose.
- *Scatter*: customary standard deviation between sources, an estimate by the authors, for where sources give none: in per cent of the value, or in the unit of the row.
  `log` marks properties whose scatter and slips of unit are judged on the logarithm.
- *Depends on*: conditions that a value must state. They are properties themselves, or one of: {conditions}.
- *Kind of*: the wider property; it has the same dimension.

## A name of your own

```python
from chemwright.knowledge import own_properties, vocabulary

mine = own_properties("""name,unit,low,high,parent,zh,description
acme:drop_hardness,Pa,0,1e9,hardness,跌落硬度,Hardness by our drop test at 23 degC
""")
words = vocabulary().with_own(mine)
words.find("跌落硬度").check(-5.0)  # 'acme:drop_hardness -5 Pa can't be below 0 Pa'
```

The name is `group:name` in small letters of any script, digits and `_`; `name`, `unit` and `description` must be filled. The columns are those of the table.

## Categories

{categories}
'''


def cell(text: str) -> str:
    """Text that can stand in a cell of a Markdown table."""
    return text.replace("|", "\\|").replace("[", "\\[").replace("*", "\\*")


def span(low: float | None, high: float | None) -> str:
    """A range as text, empty when neither end is given."""
    if low is None and high is None:
        return ""
    return f"{'' if low is None else f'{low:g}'} … {'' if high is None else f'{high:g}'}".strip()


def scatter(item: Property) -> str:
    """The customary scatter as a reader takes it."""
    if item.scatter is None:
        return ""
    size = f"{item.scatter:g}" if item.scatter_kind == "absolute" else f"{100 * item.scatter:g} %"
    return f"{size} log" if item.scale == "log" else size


def row(item: Property) -> str:
    """One line of a category's table."""
    unit = item.unit if item.kind == "number" else "one of " + ", ".join(item.values) if item.values else item.kind
    names = "; ".join((item.zh, *item.aliases))
    depends = " ".join(item.conditions) + (f" ({', '.join(item.phases)})" if item.phases else "")
    parts = (
        f"`{item.name}`",
        item.symbol,
        unit,
        span(item.low, item.high),
        span(item.low_usual, item.high_usual),
        scatter(item),
        depends.strip(),
        item.parent,
        names,
        item.description,
    )
    return "| " + " | ".join(cell(p) for p in parts) + " |"


def page() -> str:
    """The whole page."""
    words = vocabulary()
    counts = words.categories()
    index = "\n".join(f"- [{name.replace('_', ' ')}](#{name.replace('_', '-')}): {n}" for name, n in counts.items())
    out = [HEAD.format(count=len(words), conditions=", ".join(f"`{c}`" for c in CONDITIONS), categories=index)]
    for name in counts:
        out.append(
            f"## {name.replace('_', ' ')}\n\n| name | symbol | unit | possible | usual | scatter | depends on (phase) | kind of | also called | meaning |\n|---|---|---|---|---|---|---|---|---|---|"
        )
        out.append("\n".join(row(item) for item in words.in_category(name)) + "\n")
    return "\n".join(out)


def main(arguments: list[str]) -> int:
    """Write the page, or with ``--check`` compare it."""
    text = page()
    if "--check" in arguments:
        same = PAGE.is_file() and PAGE.read_text(encoding="utf-8") == text
        print(f"{PAGE.name} is {'up to date' if same else 'out of date: run python scripts/vocabulary_page.py'}")
        return 0 if same else 1
    PAGE.write_text(text, encoding="utf-8")
    print(f"{PAGE.name}: {len(vocabulary())} properties")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
