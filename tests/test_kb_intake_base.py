"""What the bulk import asks of the store below it."""

from __future__ import annotations

import time
from pathlib import Path

from chemwright.knowledge.base import open_base, substances, text
from chemwright.record import Filing, SubstanceRecord


def test_many_substances_are_filed_in_linear_time_and_found_by_their_words(tmp_path: Path) -> None:
    records = [SubstanceRecord(f"name:thing {i}", "name", f"thing {i}", synonyms=(f"物质{i}",)) for i in range(3000)]
    with open_base(tmp_path / "a.kb", create=True) as kb:
        with kb.writing() as connection:
            start = time.process_time()
            rows = substances.ensure(connection, records, Filing())
            first = time.process_time() - start
            text.index(connection, "substance", [(rows["name:thing 7"], "another text"), (rows["name:thing 7"], "and one more")])
        assert len(rows) == 3000
        assert first < 5.0  # a step that looked at all keys for each key took minutes at 30,000
        with kb.reading() as connection:
            found = connection.exec_driver_sql('SELECT t.target FROM text_index i JOIN text t ON t.pk = i.rowid WHERE i.body MATCH \'"thing" "7"\'').scalars().all()
            count = connection.exec_driver_sql("SELECT count(*) FROM text_index").scalar()
            assert substances.find(connection, "物质12") == [rows["name:thing 12"]]
    assert found == [rows["name:thing 7"]]
    assert count == 3000
