"""Invoices, typed off or exported from a payables system → `raw_billing.invoices`, one row per invoice line.

No provider has a common invoice format, so headers are matched by many spellings. Put here: those spellings.
Keep out: what an invoice is compared with, which is dbt's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.raw_schemas import RAW_SCHEMAS
from ingestion.reading.tabular.values import by_distinct
from ingestion.sources.billing.model import BillingFormat, Cells, RowRule, ScopeRule, squash

INVOICES = RAW_SCHEMAS["raw_billing"]["invoices"]

_SPELLINGS: dict[str, str] = {
    "invoice_id": "invoiceid invoicenumber invoiceno invoicenr invoice documentnumber billnumber "
    "rechnungsnummer rechnungsnr rechnungnr belegnummer numérofacture numérodefacture facture nfacture númerodefactura "
    "númerofactura factura numerofattura",
    "invoice_issuer_name": "invoiceissuername invoiceissuer issuer vendor supplier seller legalentity "
    "lieferant anbieter kreditor rechnungssteller fournisseur vendeur proveedor fornitore",
    "provider_name": "providername provider serviceprovidername serviceprovider",
    "billing_account_id": "billingaccountid billingaccount accountid account organizationid organisationid customerid",
    "billing_account_name": "billingaccountname accountname customername",
    "billing_period_start_utc": "billingperiodstart periodstart serviceperiodstart servicestart startdate from "
    "leistungsbeginn zeitraumvon datededébut débutpériode fechainicio",
    "billing_period_end_utc": "billingperiodend periodend serviceperiodend serviceend enddate to "
    "leistungsende zeitraumbis datedefin finpériode fechafin",
    "invoice_date": "invoicedate issuedate issuedon dateissued documentdate date "
    "rechnungsdatum belegdatum datedefacture datefacture fechafactura fechadefactura",
    "due_date": "duedate paymentduedate paymentdue due payableby fälligkeitsdatum fälligam échéance vencimiento",
    "purchase_order_id": "purchaseorderid purchaseordernumber purchaseorder ponumber po",
    "line_number": "linenumber invoicedetailid lineid lineno line position",
    "line_description": "linedescription description lineitem item itemdescription chargedescription product "
    "beschreibung bezeichnung leistung désignation libellé descripción concepto descrizione",
    "charge_category": "chargecategory category linetype type",
    "service_name": "servicename service",
    "quantity": "quantity qty menge quantité cantidad",
    "unit": "unit unitofmeasure uom",
    "unit_price": "unitprice price rate",
    "amount": "netamount net subtotal netprice nettotal amountexcludingtax amountexcltax amountexvat amountbeforetax "
    "totalexcludingtax totalexcltax totalexvat amount lineamount linetotal billedcost total "
    "nettobetrag betragnetto montantht totalht importeneto baseimponible imponibile",
    "currency": "currency currencycode billingcurrency invoicecurrency währung devise moneda valuta",
    "amount_usd": "amountusd amountinusd usdamount netamountusd",
    "tax_amount": "taxamount tax vatamount vat salestax umsatzsteuer mwst ust mehrwertsteuer tva montanttva iva",
    "tax_rate_pct": "taxratepct taxrate vatrate taxpct",
}
_CANONICAL = {
    spelling: (column, priority)
    for column, spellings in _SPELLINGS.items()
    for priority, spelling in enumerate(spellings.split())
}
_QUARTER = re.compile(r"(?:Q([1-4])[- /]?(\d{4})|(\d{4})[- /]?Q([1-4]))", re.IGNORECASE | re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})[-/.]?(0?[1-9]|1[0-2])", re.ASCII)
_YEAR_LAST = re.compile(r"(0?[1-9]|1[0-2])[-/.](\d{4})", re.ASCII)
_NAMED = re.compile(r"([A-Za-z]{3,9})\.?[- '’]+(\d{4}|\d{2})", re.ASCII)
_PERIOD_HEADERS = frozenset(
    "billingperiod period month billingmonth serviceperiod servicemonth leistungszeitraum abrechnungszeitraum "
    "leistungsmonat zeitraum période periodo período".split()
)


def canonical(header: str) -> tuple[str, int] | None:
    """The raw column of an invoice header and how good a match it is."""
    return _CANONICAL.get(squash(header).removesuffix("utc"))


def adapt(cells: Cells) -> None:
    """A month such as `2026-03` in a column of its own begins the period where no start is given; a quarter also ends
    it."""
    header = next((name for name in cells.extra if squash(name) in _PERIOD_HEADERS), None)
    if header is None:
        return
    for column, side in (("billing_period_start_utc", first_day), ("billing_period_end_utc", day_after_quarter)):
        told = by_distinct(cells.extra[header], side, pa.string()).values
        given = cells.known.get(column)
        cells.known[column] = told if given is None else pc.coalesce(given, told)


def first_day(text: str) -> str | None:
    """The first day of a month or quarter as invoices name them. What is neither is given back, to be refused."""
    text = text.strip()
    if quarter := _QUARTER.fullmatch(text):
        return f"{quarter[2] or quarter[3]}-{3 * int(quarter[1] or quarter[4]) - 2:02}-01"
    if found := _YEAR_FIRST.fullmatch(text):
        return f"{found[1]}-{int(found[2]):02}-01"
    if found := _YEAR_LAST.fullmatch(text):
        return f"{found[2]}-{int(found[1]):02}-01"
    if found := _NAMED.fullmatch(text):
        return f"1 {found[1]} {found[2] if len(found[2]) == 4 else '20' + found[2]}"
    return text or None


def day_after_quarter(text: str) -> str | None:
    """The day after a quarter; None for a month, which ends by itself."""
    quarter = _QUARTER.fullmatch(text.strip())
    if quarter is None:
        return None
    year, number = int(quarter[2] or quarter[3]), int(quarter[1] or quarter[4])
    return f"{year + number // 4}-{3 * (number % 4) + 1:02}-01"


def assumptions(names: Iterable[str]) -> list[str]:
    """A total beside a tax, and no amount without it: which of both the total is, no header says."""
    found = {squash(name): canonical(name) for name in names}
    amount = min((match[1], name) for name, match in found.items() if match and match[0] == "amount")[1]
    has_tax = any(match and match[0] == "tax_amount" for match in found.values())
    if amount != "total" or not has_tax:
        return []
    return [
        "its Total is read as the amount without tax, and the tax comes on top; if it includes tax, add a column Net"
    ]


def recognises(names: list[str]) -> bool:
    """Whether a header has an invoice number and an amount, under any of their names."""
    found = {match[0] for name in names if (match := canonical(name))}
    return {"invoice_id", "amount"} <= found


FORMAT = BillingFormat(
    name="invoices",
    table="invoices",
    canonical=canonical,
    recognises=recognises,
    expected_headers="at least invoice_id, amount, currency and billing_period_start (or billing_period as 2026-03)",
    required=(
        RowRule("invoice_id", "missing_invoice_id", "a line needs the number of its invoice"),
        RowRule("amount", "missing_cost", "a line needs its amount (0 if it is free); deliver the row again"),
        RowRule("currency", "missing_currency", "write the currency of the amount, such as USD"),
        RowRule(
            "billing_period_start_utc",
            "missing_time",
            "write the first day of the period that is invoiced, such as 2026-03-01, or billing_period as 2026-03",
        ),
    ),
    text_copies={"amount": "amount_text"},
    adapt=adapt,
    # An invoice restates itself only: the stream of files it comes in says nothing about other invoices.
    scope=ScopeRule(
        parent="invoice_id",
        account="provider_name",
        period_start="billing_period_start_utc",
        charge_start="billing_period_start_utc",
        amount="amount",
        currency="currency",
        identity=("invoice_id",),
    ),
    day_first_columns=("invoice_date",),
    assumptions=assumptions,
)

assert {"amount_text", "extra_columns"}.isdisjoint(_SPELLINGS)
assert set(_SPELLINGS) <= set(INVOICES)
