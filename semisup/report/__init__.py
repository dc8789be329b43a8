"""The report: everything about a study for a reader, in one HTML file that needs no network.

In: the tables of a study. Out: `report.html`, and the tables that a paper prints as CSV and LaTeX.
"""

from semisup.report._page import write_report
from semisup.report._provenance import fingerprint_of, sources
from semisup.report._tables import sheets, write_tables
from semisup.report.answer import Answer, answer_of
from semisup.report.cautions import cautions_of

__all__ = [
    "Answer",
    "answer_of",
    "cautions_of",
    "fingerprint_of",
    "sheets",
    "sources",
    "write_report",
    "write_tables",
]
