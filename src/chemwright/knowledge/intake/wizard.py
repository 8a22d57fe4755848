"""The wizard without a face: what it proposes, what it must ask, and the mapping that the answers make. A command line or a web page puts the questions."""

from __future__ import annotations

from attrs import evolve, frozen

from chemwright.errors import InputError, UnitError, did_you_mean
from chemwright.knowledge.base.database import KnowledgeBase
from chemwright.knowledge.intake.blocks import TableFile
from chemwright.knowledge.intake.headers import meant, read_head
from chemwright.knowledge.intake.mapping import READINGS, ROLES, ColumnUse, Mapping, recall
from chemwright.knowledge.intake.propose import Guess, Proposal, Question, propose_mapping
from chemwright.knowledge.vocabulary import Vocabulary

SKIP = ""


@frozen
class Wizard:
    """Where the questions stand; every answer gives a new one.

    Args:
        proposal: the guesses.
        words: vocabulary.
        given: answers so far: of columns what they became, and for all rows ``substance`` and ``source``.
        open: questions not answered yet.
    """

    proposal: Proposal
    words: Vocabulary
    given: Mapping
    open: tuple[Question, ...]

    @property
    def guesses(self) -> tuple[Guess, ...]:
        """What was guessed, with its reasons."""
        return self.proposal.guesses

    def answer(self, key: str, reply: str) -> Wizard:
        """The state after an answer.

        Args:
            key: of a question, or the header of any column.
            reply: the words of an option or its number from 1; ``name [unit]`` for a property; a role such as ``note``, ``substance smiles``, ``condition temperature [degC]``;
                for ``(substance)`` and ``(source)`` the text itself. Empty takes the likeliest.

        Raises:
            InputError, UnitError: an answer that means nothing; the fix says what would.
        """
        question = next((q for q in self.open if q.key == key), None)
        left = tuple(q for q in self.open if q.key != key)
        if key in ("(substance)", "(source)"):
            given = evolve(self.given, substance=reply.strip()) if key == "(substance)" else evolve(self.given, source=reply.strip())
            return evolve(self, given=given, open=left)
        headers = [c.header for c in self.given.columns]
        if key not in headers:
            raise InputError(f"no column {key[:60]!r}", where="answer", fix=did_you_mean(key, headers))
        use = self._use(key, reply, question)
        columns = tuple(use if c.header == key else c for c in self.given.columns)
        return evolve(self, given=evolve(self.given, columns=columns), open=left)

    def _use(self, header: str, reply: str, question: Question | None) -> ColumnUse:
        text = reply.strip()
        options = question.options if question else ()
        if not text and options and options[0][1] is not None:
            return options[0][1]
        if text.isdigit() and 1 <= int(text) <= len(options):
            chosen = options[int(text) - 1][1]
            if chosen is not None:
                return chosen
        for words, use in options:
            if use is not None and text.casefold() == words.casefold():
                return use
        return read_use(header, text, self.words)

    def mapping(self) -> Mapping:
        """The mapping that the answers make, checked.

        Raises:
            InputError: a question is open, or nothing could be filed by it.
        """
        needed = [q for q in self.open if q.key != "(source)"]
        if needed:
            raise InputError(f"{len(needed)} questions are open", where="mapping", fix=needed[0].text)
        self.given.check(self.words)
        return self.given


def read_use(header: str, text: str, words: Vocabulary) -> ColumnUse:
    """What an answer in words makes of a column: ``ignore``, ``substance cas``, ``density [g/mL]``, ``condition temperature [degC]``,
    ``condition mole_fraction of ethanol``, ``std of NAME``.

    Raises:
        InputError: neither a role nor a property, with near misses.
    """
    role, _, rest = text.partition(" ")
    role = role.casefold()
    if role == "substance":
        reading = rest.strip().casefold() or "any"
        if reading not in READINGS:
            raise InputError(f"no reading {reading!r}", where=f"column {header!r}", fix="one of " + ", ".join(READINGS))
        return ColumnUse(header, "substance", reading=reading)
    if role == "std":
        return ColumnUse(header, "std", of=rest.removeprefix("of ").strip())
    if role in ROLES and role not in ("value", "condition") and not rest.strip():
        return ColumnUse(header, role)
    body = rest if role in ("value", "condition") else text
    body, _, component = body.partition(" of ") if role == "condition" else (body, "", "")
    head = read_head(body)
    if role == "value" and not head.name:
        return ColumnUse(header, "value")
    item, sure, _ = meant(head.name, head.unit, words)
    if item is None or sure < 0.5:
        item = words.find(head.name, f"column {header!r}")
        if head.unit:
            raise UnitError(f"{head.unit!r} is no unit of {item.name}", where=f"column {header!r}", fix=f"give one like {item.unit!r}")
    if head.given_unit and not head.unit:
        raise UnitError(f"can't read the unit {head.given_unit!r}", where=f"column {header!r}", fix=f"give one like {item.unit!r}")
    unit = head.unit or read_head(header).unit or item.unit
    kind = "condition" if role == "condition" or (role != "value" and item.name in ("temperature", "pressure")) else "value"
    return ColumnUse(header, kind, item.name, unit, scale=head.scale or read_head(header).scale, of=component.strip())


def start(kb: KnowledgeBase, table: TableFile) -> Wizard:
    """The wizard for a table; when its header was mapped before, nothing is left to ask."""
    kept = recall(kb, table.header)
    if kept is not None:
        guesses = tuple(Guess(c, 1.0, "remembered from an earlier import") for c in kept.columns)
        return Wizard(Proposal(guesses, (), True, kept), kb.vocabulary, kept, ())
    rows = table.sample()
    if table.format is not None and table.format.decimal == ",":
        rows = [tuple(c.replace(",", ".") if c.count(",") == 1 and c.replace(",", "").strip("+-").isdigit() else c for c in r) for r in rows]
    proposal = propose_mapping(table.header, rows, kb.vocabulary)
    return Wizard(proposal, kb.vocabulary, proposal.mapping, proposal.questions)
