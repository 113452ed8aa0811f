"""Invoices, typed off or exported from a payables system → `raw_billing.invoices`, one row per invoice line.

No provider has a common invoice format, so headers are matched by many spellings. Put here: those spellings.
Keep out: what an invoice is compared with, which is dbt's.
"""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.raw_schemas import RAW_SCHEMAS
from ingestion.reading.tabular.named_periods import end_of, first_day
from ingestion.reading.tabular.values import by_distinct
from ingestion.sources.billing.header_currencies import currency_behind, with_code
from ingestion.sources.billing.model import BillingFormat, Cells, RowRule, ScopeRule, squash

INVOICES = RAW_SCHEMAS["raw_billing"]["invoices"]

_SPELLINGS: dict[str, str] = {
    "invoice_id": "invoiceid invoicenumber invoiceno invoicenr invoice documentnumber billnumber "
    "rechnungsnummer rechnungsnr rechnungnr belegnummer numérofacture numérodefacture facture nfacture númerodefactura "
    "númerofactura factura numerofattura",
    "invoice_issuer_name": "invoiceissuername invoiceissuer issuer vendor vendorname supplier suppliername seller "
    "legalentity lieferant anbieter kreditor rechnungssteller fournisseur vendeur proveedor fornitore",
    "provider_name": "providername provider serviceprovidername serviceprovider",
    "billing_account_id": "billingaccountid billingaccount accountid account organizationid organisationid customerid",
    "billing_account_name": "billingaccountname accountname customername",
    "billing_period_start_utc": "billingperiodstart periodstart serviceperiodstart servicestart servicestartdate "
    "startdate from leistungsbeginn zeitraumvon datededébut débutpériode fechainicio",
    "billing_period_end_utc": "billingperiodend periodend serviceperiodend serviceend serviceenddate enddate to "
    "leistungsende zeitraumbis datedefin finpériode fechafin",
    "invoice_date": "invoicedate issuedate issuedon issuedat dateissued documentdate date "
    "rechnungsdatum belegdatum datedefacture datefacture fechafactura fechadefactura",
    "due_date": "duedate paymentduedate paymentdue due dueat payableby fälligkeitsdatum fälligam échéance vencimiento",
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
    "totalexcludingtax totalexcltax totalexvat amount lineamount linetotal billedcost total totalamount invoicetotal "
    "nettobetrag betragnetto montantht totalht importeneto baseimponible imponibile betrag montant importe importo",
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
_PERIOD_HEADERS = frozenset(
    "billingperiod period month billingmonth serviceperiod servicemonth postingperiod accountingperiod "
    "leistungszeitraum abrechnungszeitraum "
    "leistungsmonat zeitraum période periodo período".split()
)

_CODED = 500
"""Behind every spelling without a code."""
_GROSS_OR_NET = ("total", "totalamount", "invoicetotal")


def canonical(header: str) -> tuple[str, int] | None:
    """The raw column of an invoice header and how good a match it is; of an amount also with its currency's code."""
    found = _CANONICAL.get(squash(header).removesuffix("utc"))
    if found is None and currency_behind(header):
        found = _CANONICAL.get(squash(header)[:-3].removesuffix("in"))
        return (found[0], found[1] + _CODED) if found and found[0] == "amount" else None
    return found


def adapt(cells: Cells) -> None:
    """A period in a column of its own begins where no start is given, and ends where no end is and it says one. Where
    the only amount is one in dollars, that is the amount."""
    if "amount" not in cells.known and "amount_usd" in cells.known:
        cells.known["amount"] = with_code(cells.known.pop("amount_usd"), "USD")
    header = next((name for name in cells.extra if squash(name) in _PERIOD_HEADERS), None)
    if header is None:
        return
    for column, side in (("billing_period_start_utc", first_day), ("billing_period_end_utc", end_of)):
        told = by_distinct(cells.extra[header], side, pa.string()).values
        given = cells.known.get(column)
        cells.known[column] = told if given is None else pc.coalesce(given, told)


def assumptions(names: Iterable[str]) -> list[str]:
    """A total beside a tax, and no amount without it: which of both the total is, no header says."""
    found = {squash(name): canonical(name) for name in names}
    amount = min(
        ((match[1], name) for name, match in found.items() if match and match[0] == "amount"), default=(0, "")
    )[1]
    has_tax = any(match and match[0] == "tax_amount" for match in found.values())
    if amount not in _GROSS_OR_NET or not has_tax:
        return []
    return [
        "its Total is read as the amount without tax, and the tax comes on top; if it includes tax, add a column Net"
    ]


def recognises(names: list[str]) -> bool:
    """Whether a header has an invoice number and an amount, under any of their names."""
    found = {match[0] for name in names if (match := canonical(name))}
    return "invoice_id" in found and bool(found & {"amount", "amount_usd"})


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
        account_else="invoice_issuer_name",
        period_start="billing_period_start_utc",
        charge_start="billing_period_start_utc",
        amount="amount",
        currency="currency",
        identity=("invoice_id",),
    ),
    day_first_columns=("invoice_date", "due_date", "billing_period_start_utc", "billing_period_end_utc"),
    assumptions=assumptions,
)

assert {"amount_text", "extra_columns"}.isdisjoint(_SPELLINGS)
assert set(_SPELLINGS) <= set(INVOICES)
