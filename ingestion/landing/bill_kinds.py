"""Kinds of notes on what bills and invoices say, and how it was taken.

Put here: those kinds. Keep out: all others (`note_kinds`), questions between deliveries among them.
"""

from __future__ import annotations

from ingestion.landing.note_kind import NoteKind, Pressing

BILL_KINDS: dict[str, NoteKind] = {
    "account_assumed": NoteKind(
        Pressing.ASSUMPTION,
        "bill that names no account; its folder counts as the account",
        "bills that name no account; their folder counts as the account",
        "deliver BillingAccountId, or keep the bills of one account in one folder",
    ),
    "currency_missing": NoteKind(
        Pressing.LOSS,
        "bill with amounts of no currency, which count in no dollar total",
        "bills with amounts of no currency, which count in no dollar total",
        "export the bill with its currency column and put it in the place of this file",
        warns=True,
    ),
    "rate_contradicted": NoteKind(
        Pressing.ASSUMPTION,
        "bill whose dollars contradict its own exchange rate; the stated dollars count",
        "bills whose dollars contradict their own exchange rate; the stated dollars count",
        "compare them with the invoice, and ask the provider for a corrected bill where they differ",
    ),
    "date_order_assumed": NoteKind(
        Pressing.ASSUMPTION,
        "bill whose dates may be month/day or day/month; read month first",
        "bills whose dates may be month/day or day/month; read month first",
        "write the dates as 2026-06-05 in that very file: a copy of other days would count beside it",
        warns=True,
    ),
    "cell_unread": NoteKind(
        Pressing.LOSS,
        "bill with a cell that cannot be read and that its charge does not need; the charge counts without it",
        "bills with cells that cannot be read and that their charges do not need; the charges count without them",
        "correct the cell in that very file, or leave it empty; what it said is kept in extra_columns",
        warns=True,
    ),
    "total_line": NoteKind(
        Pressing.INFORMATION, "file with totals of other rows", "files with totals of other rows", "nothing"
    ),
    "invoice_alike": NoteKind(
        Pressing.ASSUMPTION,
        "amount that a vendor asks for one period under several numbers",
        "amounts that a vendor asks for one period under several numbers",
        "take a copy out of the folder; leave them where each was sent to be paid",
    ),
    "credit_unsigned": NoteKind(
        Pressing.ASSUMPTION,
        "file with credits above zero, each counted as written",
        "files with credits above zero, each counted as written",
        "write amounts that are given back with a minus",
        warns=True,
    ),
    "void_line": NoteKind(
        Pressing.INFORMATION, "file with void invoices", "files with void invoices", "nothing: they are left out"
    ),
    "account_rounded": NoteKind(
        Pressing.LOSS,
        "bill whose account ids a spreadsheet rounded, so that nobody can be told from them",
        "bills whose account ids a spreadsheet rounded, so that nobody can be told from them",
        "export the bill again and put it in the place of this file as it comes; a column of text keeps its digits",
        warns=True,
    ),
    "tags_unread": NoteKind(
        Pressing.LOSS,
        "bill with tags that cannot be read, by which nobody owns anything",
        "bills with tags that cannot be read, by which nobody owns anything",
        'write them as a JSON object such as {"team": "search"}; see docs/sources/billing.md',
        warns=True,
    ),
    "mandatory_empty": NoteKind(
        Pressing.ASSUMPTION,
        "column left empty that FOCUS demands",
        "columns left empty that FOCUS demands",
        "ask the exporter for them; docs/sources/focus.md says what stands in",
        warns=True,
    ),
    "not_entitled": NoteKind(
        Pressing.LOSS,
        "report that a provider does not give to this key",
        "reports that a provider does not give to this key",
        "give the key the right that docs/sources names, or do without the report",
    ),
    "exports_overlap": NoteKind(
        Pressing.QUESTION,
        "bill that two exports tell, of which one counts",
        "bills that two exports tell, of which one counts",
        "deliver one export per bill, complete; see docs/sources/billing.md",
    ),
}
