"""What rows are called that sum up the rows above them, as spreadsheets and portals write below a table.

Put here: names in the languages of bills. Keep out: which rows of a file are totals (its source).
"""

from __future__ import annotations

import re

_WORDS = frozenset(
    "total,totals,grand total,grandtotal,sub total,sub-total,subtotal,sum,overall,overall total,total cost,total costs,"
    "total amount,total charges,total due,amount due,balance due,total usd,total eur,net total,invoice total,"
    "invoicetotal,accounttotal,statementtotal,gesamt,gesamtsumme,gesamtbetrag,gesamtergebnis,summe,zwischensumme,"
    "endsumme,rechnungsbetrag,nettobetrag,bruttobetrag,total général,total general,sous-total,sous total,total ttc,"
    "total ht,montant total,totale,subtotale,totale generale,total geral,subtotal geral,importe total,suma,suma total,"
    "totaal,subtotaal,eindtotaal,razem,suma końcowa,celkem,"
    "итого,всего,合計,総計,小計,总计,合计,小计,총계,합계,소계".split(",")
)
_GROUPS = re.compile(r"(?:.+\s(?:total|sum|summe|ergebnis)|(?:total|somme|summe|totale)\s(?:for|of|de|für|di)\s.+)")
"""Subtotals of a spreadsheet: `Azure OpenAI Total`, `Juni Ergebnis`, `Total for June`."""


def is_total(text: str | None) -> bool:
    """Whether a cell calls its row a total."""
    if not text:
        return False
    said = " ".join(text.lower().strip(" :.*=").split())
    return said in _WORDS or _GROUPS.fullmatch(said) is not None
