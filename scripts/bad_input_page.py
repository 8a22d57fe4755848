"""Write docs/reference/bad-input.md anew from the table of bad inputs that the tests run. Usage: python scripts/bad_input_page.py"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Run every bad input and write what was said."""
    sys.path.insert(0, str(ROOT / "tests"))
    from bad_input_table import page

    (ROOT / "docs" / "reference" / "bad-input.md").write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
