"""The program that reads structures and patterns apart from everything else, so that one that never ends can be stopped from outside.

It speaks frames over its standard input and output: eight bytes with the lengths of a JSON head and of a binary body, then both. It runs no code that it is
sent and touches no file. :mod:`chemwright.knowledge.search.worker` starts and stops it.
"""

from __future__ import annotations

import json
import struct
import sys
from typing import Any, BinaryIO

import numpy as np

from chemwright.knowledge.search.environments import Environment, atom_types, bond_code, environments
from chemwright.knowledge.search.patterns import PatternError, read_pattern, without_recursion

LENGTHS = struct.Struct("<IQ")
BITS = 2048
MAX_TEXT = 5_000
"""Characters of a stored SMILES that is read; longer ones have no fingerprint and are not found by structure."""
MAX_LIVE = 25_000
"""Molecules that are kept read, some 20 kB each."""


def send(stream: BinaryIO, head: dict[str, Any], body: bytes = b"") -> None:
    """Write one frame."""
    text = json.dumps(head).encode()
    stream.write(LENGTHS.pack(len(text), len(body)) + text)
    stream.write(body)
    stream.flush()


class Matcher:
    """Molecules by number, and what is asked about them."""

    def __init__(self) -> None:
        self.smiles: dict[int, str] = {}
        self.live: dict[int, Any] = {}
        self.types: list[Any] = []  # (molecule, atom) of each type
        self.bonds: dict[int, Any] = {}
        self.query: tuple[str, Any] = ("", None)

    def ask(self, head: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
        """The answer to one question."""
        verb = head["verb"]
        if verb == "add":
            numbers = range(head["start"], head["stop"], head["step"])
            self.smiles.update(zip(numbers, body.decode().split("\n"), strict=True))
            return {}, b""
        if verb == "fingerprint":
            return self.fingerprint(body.decode().split("\n"))
        if verb == "types":
            return self.learn(head["types"], body.decode().split("\n") if head["types"] else [])
        if verb == "query":
            return self.read(head["smarts"])
        return self.match(head["smarts"], np.frombuffer(body, dtype=np.int64))

    def molecule(self, number: int) -> Any:
        """A molecule, read once while there is room."""
        from rdkit import Chem

        found = self.live.get(number)
        if found is None:
            found = Chem.MolFromSmiles(self.smiles[number])
            if len(self.live) < MAX_LIVE:
                self.live[number] = found
        return found

    def fingerprint(self, texts: list[str]) -> tuple[dict[str, Any], bytes]:
        """Pattern and Morgan fingerprints, and the environments of each structure; length 0 where it can't be read."""
        from rdkit import Chem, DataStructs
        from rdkit.Chem import rdFingerprintGenerator

        morgan = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=BITS)
        sizes, out, environs = [], [], []
        for text in texts:
            mol = Chem.MolFromSmiles(text) if 0 < len(text) <= MAX_TEXT else None
            if mol is None or mol.GetNumAtoms() == 0:
                sizes.append(-1)
                continue
            distinct = {e.code: e for e in environments(mol)}
            out.append(DataStructs.BitVectToBinaryText(Chem.PatternFingerprint(mol, BITS)) + DataStructs.BitVectToBinaryText(morgan.GetFingerprint(mol)))
            sizes.append(len(distinct))
            environs.append([[c, e.centre, e.around] for c, e in sorted(distinct.items())])
        return {"sizes": sizes, "environments": environs}, b"".join(out)

    def learn(self, types: list[int], texts: list[str]) -> tuple[dict[str, Any], bytes]:
        """Take one atom of each type, out of the molecules that hold them; answers which were found (a type that is not fits every pattern atom)."""
        from rdkit import Chem

        self.types = []
        molecules: dict[str, tuple[Any, dict[int, int]]] = {}
        for wanted, text in zip(types, texts, strict=True):
            if text not in molecules:
                mol = Chem.MolFromSmiles(text)
                molecules[text] = (mol, {t: i for i, t in enumerate(atom_types(mol))} if mol is not None else {})
                for bond in mol.GetBonds() if mol is not None else ():
                    self.bonds.setdefault(bond_code(bond), bond)
            mol, there = molecules[text]
            self.types.append(mol.GetAtomWithIdx(there[wanted]) if wanted in there else None)
        self.kept = molecules  # atoms live as long as their molecules
        return {"bonds": sorted(self.bonds), "whole": all(t is not None for t in self.types)}, b""

    def read(self, smarts: str) -> tuple[dict[str, Any], bytes]:
        """A pattern: its fingerprint, and which atom types and bonds fit each of its atoms."""
        from rdkit import Chem, DataStructs

        try:
            pattern = read_pattern(smarts)
            stars, rows = self.stars(Chem.MolFromSmarts(without_recursion(smarts)))
        except PatternError as error:
            return {"error": str(error)}, b""
        body = DataStructs.BitVectToBinaryText(Chem.PatternFingerprint(pattern, BITS)) + np.packbits(rows, axis=1).tobytes()
        small = pattern.GetNumAtoms() <= 2 and pattern.GetNumBonds() == pattern.GetNumAtoms() - 1 and "$(" not in smarts
        return {"stars": stars, "small": small}, body

    def stars(self, pattern: Any) -> tuple[list[list[Any]], np.ndarray]:
        """For each pattern atom its neighbours with the bond codes that fit; and a row per atom that says which types fit (recursion left out: fits)."""
        rows = np.ones((pattern.GetNumAtoms() if pattern is not None else 0, len(self.types)), dtype=bool)
        stars: list[list[Any]] = []
        for i, atom in enumerate(pattern.GetAtoms() if pattern is not None else ()):
            for t, known in enumerate(self.types):
                if known is not None:
                    rows[i, t] = atom.Match(known)
            around = []
            for bond in atom.GetBonds():
                fits = [code for code, known in self.bonds.items() if bond.Match(known)]
                around.append([bond.GetOtherAtomIdx(i), fits])
            stars.append(around)
        return stars, rows

    def match(self, smarts: str, numbers: np.ndarray) -> tuple[dict[str, Any], bytes]:
        """Those of the molecules that hold the pattern, in the order given."""
        if self.query[0] != smarts:
            self.query = (smarts, read_pattern(smarts))
        pattern = self.query[1]
        hits = [n for n in numbers.tolist() if (mol := self.molecule(n)) is not None and mol.HasSubstructMatch(pattern)]
        return {}, np.array(hits, dtype=np.int64).tobytes()


def main() -> None:
    """Answer frames until the input ends."""
    from rdkit import RDLogger

    RDLogger.DisableLog("rdApp.*")  # type: ignore[attr-defined]
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    matcher = Matcher()
    while len(lengths := source.read(LENGTHS.size)) == LENGTHS.size:
        head_size, body_size = LENGTHS.unpack(lengths)
        head, body = json.loads(source.read(head_size)), source.read(body_size)
        send(sink, *matcher.ask(head, body))


if __name__ == "__main__":
    main()

__all__ = ["Environment", "Matcher", "main", "send"]
