"""The report: one self-contained HTML file that says what the plant is, what it costs, how sure that is and what it rests on; and its print."""

from chemwright.report.html import write_report
from chemwright.report.pdf import write_pdf

__all__ = ["write_pdf", "write_report"]
