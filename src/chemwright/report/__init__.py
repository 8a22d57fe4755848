"""The report: one self-contained HTML file that says what the plant is, what it costs, how sure that is and what it rests on."""

from chemwright.report.html import write_report

__all__ = ["write_report"]
