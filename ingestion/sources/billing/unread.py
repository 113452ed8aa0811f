"""Files about money that are known and not read, and what to deliver instead.

Each could mean several things, or lacks what a charge needs. Put here: how to tell them by their headers, and remedies.
Keep out: formats that are read.
"""

from __future__ import annotations

import re
from pathlib import Path

from ingestion.sources.billing.model import squash

_AWS_COSTS = frozenset({"lineitemblendedcost", "lineitemnetunblendedcost", "pricingpublicondemandcost"})
_SEE = "see docs/sources"
_WHOSE = frozenset({"payeraccountid", "owneraccountid", "payeruin", "owneruin"})
_COSTS = frozenset(
    "amount amountusd billed billedamount charge chargeusd charges cost costusd costindollars costineur netamount "
    "netcost spend spendusd spent total totalamount totalcost totalcostusd totalusd usd price totalprice".split()
)
_DAYS = frozenset(
    "date day usagedate chargedate billingdate starttime startdate timestamp time createdat usageday period".split()
)
"""How tables that no format knows usually call what a charge costs and when it was."""
_OF_CHINA = {
    "Volcengine": frozenset({"billperiod", "payableamount", "preferentialbillamount"}),
    "Baidu AI Cloud": frozenset({"financeprice", "catalogprice"}),
    "Huawei Cloud": frozenset({"billcycle", "officialamount", "consumeamount"}),
}
_MONTH_OF_CHINA = re.compile("账期|賬期|账单月份|账单周期|消费月份")
_TO_PAY = re.compile("应付|應付|优惠后|原价|现金支付|消费金额")
LOOKED_AT_BYTES = 65_536
_OF_FOLDERS = frozenset({"thumbs.db", "desktop.ini"})
_COST_BELOW = re.compile(
    rb'"(billed_?cost|cost_?in_?billing_?currency|line_?item[_/]unblended_?cost|pre_?tax_?cost)"\s*:', re.IGNORECASE
)


def why_unread(names: list[str]) -> str | None:
    """Why a file with these headers is not read, and what to deliver instead; None where it is nothing known."""
    squashed = {squash(name) for name in names}
    if squashed & {"service", "services"} and _has_totals(names):
        return (
            "a report saved from AWS Cost Explorer: it says neither its account nor whether its costs are unblended, "
            "net or amortised. Deliver the Cost and Usage Report or a FOCUS export, or set up its API"
        )
    if "chargeperiodstart" in squashed and "billedcost" not in squashed:
        costs = [name for name in names if squash(name) in ("effectivecost", "listcost", "contractedcost")]
        if costs:
            return (
                f"a FOCUS file without BilledCost: {', '.join(costs)} is not what was billed. Export it with BilledCost"
            )
    if "usagedateutc" in squashed and "costusd" not in squashed:
        return "an export of usage from Anthropic's Console: it has no cost. Export the costs on its cost page"
    if {"starttime", "inputtokens"} <= squashed or {"starttime", "nummodelrequests"} <= squashed:
        return "an export of usage from OpenAI's dashboard: it has no cost. Export the costs instead of the activity"
    if {"servicedescription", "skudescription"} <= squashed and squashed & {"cost", "subtotal"}:
        return (
            "a cost table from Google Cloud's console: it says no day of use. Export the BigQuery table of the billing "
            "export, see docs/sources/gcp.md"
        )
    if {"costusd", "cost", "currency"} <= squashed:
        return (
            "a view saved from Azure's cost analysis: it says no subscription and is grouped and filtered as it was "
            "looked at. Export the cost details, see docs/sources/azure_exports.md"
        )
    if {"payeraccountid", "linkedaccountid", "totalcost"} <= squashed:
        return "AWS's monthly bill as CSV: it says no day of use. Deliver the Cost and Usage Report, or FOCUS"
    if _AWS_COSTS & squashed and not squashed & {"chargeperiodstart", "lineitemunblendedcost"}:
        return "a Cost and Usage Report without lineItem/UnblendedCost: no other cost is what was billed. Add it"
    if squashed & {"listprice", "listpricetieredrates", "accountcurrencyamount"} and squashed & {"sku", "skuid"}:
        return f"Google's export of prices: it has no charges. Export the table of the billing export, {_SEE}/gcp.md"
    if {"meterid", "unitprice"} <= squashed and not squashed & {"date", "usagedate", "cost", "costinbillingcurrency"}:
        return f"Azure's price sheet: it has no charges. Export the cost details, {_SEE}/azure_exports.md"
    if {"reservationid", "usedhours"} <= squashed:
        return f"Azure's reservation details: hours, and no costs. Export the cost details, {_SEE}/azure_exports.md"
    if {"starttime", "results"} <= squashed:
        return "an answer of OpenAI's costs API, saved: set its key up, or export the costs from the dashboard as CSV"
    if squashed & {"totalamountafterdiscountexcludingtax", "realtotalcost"} and squashed & _WHOSE:
        return f"Tencent Cloud's bill: its days are Beijing's, its vouchers a column. Deliver its FOCUS export, {_SEE}"
    if {"pretaxgrossamount", "pretaxamount"} <= squashed or {"账单月份", "优惠后金额"} <= squashed:
        return (
            "Alibaba Cloud's bill: what its coupons and roundings take off stands in columns beside. Deliver its FOCUS "
            f"export, or its invoice line by line, {_SEE}/invoices.md"
        )
    vendor = next((name for name, columns in _OF_CHINA.items() if columns <= squashed), "")
    if vendor or (any(map(_MONTH_OF_CHINA.search, squashed)) and any(map(_TO_PAY.search, squashed))):
        return (
            f"{vendor or 'a Chinese cloud'}'s bill: its days are Beijing's, and vouchers and roundings stand beside. "
            "Write what is to be paid as FOCUS (BilledCost, ChargePeriodStart with +08:00, BillingCurrency CNY, "
            f"ProviderName, BillingAccountId), {_SEE}/focus.md, or its invoice line by line, {_SEE}/invoices.md"
        )
    if {"apikeyname", "type", "price", "amount"} <= squashed:
        return "DeepSeek's export of usage: sums without costs. Its costs are in the cost-….csv of the same export"
    if {"priceperunit", "multiplier", "owner", "sku"} <= squashed:
        return "GitHub's usage report of before 2025: it has no amounts. Get the usage report of its billing page"
    if {"basemodelname", "modelbucket"} <= squashed:
        return (
            "Fireworks' billing metrics: tokens and seconds, and no dollars. Write its costs as FOCUS, or its invoice "
            f"line by line, {_SEE}/invoices.md"
        )
    if names and names[0].lstrip().startswith("<"):
        return "a web page, not a bill: the download was answered by a page, such as the one for signing in"
    return None


def as_focus(names: list[str]) -> str:
    """How a table that no format knows could be read as FOCUS: what to call its columns; '' where that is not plain."""
    costs, days = ([name for name in names if squash(name) in known] for known in (_COSTS, _DAYS))
    if len(costs) != 1 or not days:
        return ""
    return (
        f". If it is a bill, call {costs[0]!r} BilledCost and {days[0]!r} ChargePeriodStart, and add ProviderName, "
        f"BillingAccountId and BillingCurrency, {_SEE}/focus.md"
    )


def is_marker(name: str) -> bool:
    """Whether a file is what programs leave beside data and holds none: `_SUCCESS`, checksums, locks."""
    is_left = name.startswith(("_SUCCESS", "_started_", "_committed_", "~$")) or name.lower() in _OF_FOLDERS
    return is_left or name.lower().endswith((".crc", ".md5", ".sha1", ".sha256"))


def holds_charges(path: Path) -> bool:
    """Whether a JSON file that is no list of charges begins with the cost of one, below other names."""
    try:
        with path.open("rb") as stream:
            return _COST_BELOW.search(stream.read(LOOKED_AT_BYTES)) is not None
    except OSError:
        return False


def _has_totals(names: list[str]) -> bool:
    return any(name.replace(" ", "").lower().startswith("totalcosts(") for name in names) or (
        len(names) > 1 and all(_is_month(name) for name in names[1:])
    )


def _is_month(name: str) -> bool:
    text = name.strip()
    return len(text) in (7, 10) and text[:4].isdigit() and text[4] == "-" and text[5:7].isdigit()
