"""How lines begin that exporters write below a table: when and by whom it was made, what its amounts are, comments.

Put here: beginnings in the languages of bills. Keep out: which lines of a file are footers (its source).
"""

from __future__ import annotations

import re

_BEGINNINGS = (
    *("report generated", "report created", "report date", "report run", "generated", "created", "exported", "export"),
    *("downloaded", "printed", "produced", "prepared by", "extracted", "as of", "data as of", "data source", "source:"),
    *("note:", "notes:", "page", "end of", "disclaimer", "copyright", "©", "(c)", "confidential", "all amounts"),
    *("all prices", "all costs", "all charges", "all times", "all dates", "amounts are", "amounts in", "costs are"),
    *("prices are", "times are", "dates are", "filters:", "filtered by", "number of rows", "row count", "rows:"),
    *("erstellt", "generiert", "exportiert", "stand:", "stand vom", "quelle:", "hinweis:", "seite", "alle beträge"),
    *("généré", "exporté", "remarque", "généree", "tous les montants", "generado", "exportado", "fuente:", "nota:"),
    *("generato", "esportato", "fonte:", "pagina"),
)
_COUNT = re.compile(r"\(?\d[\d,. ]* (?:rows?|records?|lines?|line items|zeilen|lignes|filas|righe)(?: .*)?\)?")
_COMMENT = re.compile(r"(?:#|//|--|\*{2,}|-{3,}|={3,}).*")


def is_footer(text: str | None) -> bool:
    """Whether a cell says something of the table above it and is no charge's."""
    said = " ".join((text or "").lower().split())
    if _COMMENT.fullmatch(said) or _COUNT.fullmatch(said):
        return True
    return any(said.startswith(each) and not said[len(each) : len(each) + 1].isalnum() for each in _BEGINNINGS)
