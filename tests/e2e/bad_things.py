"""Kinds of bad files and rows, each with where it lies, what is said of it, and what to do: dropped into one good home.

Put here: what is bad. Keep out: running, asserting.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path

FOCUS_HEADER = (
    "BilledCost,EffectiveCost,ListCost,ContractedCost,BillingAccountId,SubAccountId,BillingCurrency,"
    "BillingPeriodStart,BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,ChargeDescription,"
    "ChargeFrequency,ServiceCategory,ServiceName,ProviderName,PublisherName,InvoiceIssuerName,Tags"
)


@dataclass(frozen=True)
class Bad:
    """`says` and `remedy` are parts of what is told of the file `path` (below `drop/`), or of the one `told_of`."""

    name: str
    path: str
    content: bytes | str
    says: str
    remedy: str
    is_note: bool = False
    """A note of landing; else rows in quarantine."""
    told_of: str = ""

    @property
    def told_path(self) -> str:
        """The path as the source tells it: below its own drop folder."""
        return self.told_of or self.path.partition("/")[2]


def focus(account: str, *rows: dict[str, str], header: str = FOCUS_HEADER) -> str:
    """A FOCUS bill of one account in June 2026; each row changes some columns of an ordinary charge of 1 dollar."""
    lines = [header]
    for row in rows:
        costs = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")
        usual = dict.fromkeys(costs, row.get("cost", "1.00")) | {
            "BillingAccountId": account, "SubAccountId": account, "BillingCurrency": "USD",
            "BillingPeriodStart": "2026-06-01T00:00:00Z", "BillingPeriodEnd": "2026-07-01T00:00:00Z",
            "ChargePeriodStart": "2026-06-14T00:00:00Z", "ChargePeriodEnd": "2026-06-15T00:00:00Z",
            "ChargeCategory": "Usage", "ChargeDescription": "tokens", "ChargeFrequency": "Usage-Based",
            "ServiceCategory": "AI and Machine Learning", "ServiceName": "Amazon Bedrock", "ProviderName": "AWS",
            "PublisherName": "AWS", "InvoiceIssuerName": "AWS", "Tags": "",
        }  # fmt: skip
        cells = usual | row
        lines.append(",".join('"' + cells[name].replace('"', '""') + '"' for name in header.split(",")))
    return "\n".join(lines) + "\n"


def event(**changes: object) -> str:
    """A canonical event as a JSON line."""
    usual: dict[str, object] = {
        "requested_at_utc": "2026-06-14T10:00:00Z", "requested_model": "gpt-4o-mini", "provider_name": "openai",
        "uncached_input_tokens": 1000, "output_tokens": 100}  # fmt: skip
    return json.dumps({key: value for key, value in (usual | changes).items() if value is not None})


GPU_HEADER = "timestamp, uuid, name, utilization.gpu [%], memory.used [MiB], memory.total [MiB], power.draw [W]\n"
GPU_ROWS = "".join(
    f"2026/06/14 10:00:{second:02}.000, GPU-1, NVIDIA Imaginary X1, 50 %, 100 MiB, 1000 MiB, 300.00 W\n"
    for second in (0, 30)
)
TAGS = {'quo"te': "1", "": "nameless", "a.b": "2", "$": "3", "/~": "4", "[/red]": "5", "team": "search"}

BAD: tuple[Bad, ...] = (
    # bills
    Bad("a CSV that no one knows", "billing/vendor/usage.csv", "when,what,much\n2026-06-01,x,1\n",
        "no known billing format", "take the file away", is_note=True),
    Bad("an archive", "billing/focus/a7/june.7z", b"7z\xbc\xaf\x27\x1c", "passed over", "unpack", is_note=True),
    Bad("a cut gzip", "billing/focus/cut/june.csv.gz",
        gzip.compress(focus("cut", *[{"ChargeDescription": f"{n} {n**7}"} for n in range(400)]).encode())[:-900],
        "breaks off", "deliver the file again"),
    Bad("a bill without a currency", "billing/azure/nocur/june.csv",
        "Date,ChargeType,MeterCategory,SubscriptionId,ResourceLocation,Quantity,CostInBillingCurrency\n"
        "2026-06-26,Usage,Virtual Machines,sub-nocur,westeurope,24,2.20\n",
        "no currency", "currency column", is_note=True),
    Bad("a FOCUS row without its account", "billing/focus/noacc/june.csv",
        focus("noacc", {"BillingAccountId": "", "SubAccountId": ""}, {}), "BillingAccountId", "ask the exporter",
        is_note=True),
    Bad("a FOCUS row without a service category", "billing/focus/nocat/june.csv",
        focus("nocat", {"ServiceCategory": "", "ServiceName": "", "ChargeCategory": ""}, {}), "ServiceCategory",
        "exporter", is_note=True),
    Bad("a FOCUS row without its cost", "billing/focus/nocost/june.csv", focus("nocost", {"BilledCost": ""}, {}),
        "BilledCost is empty", "deliver the row again"),
    Bad("a cost that is no number", "billing/focus/words/june.csv", focus("words", {"BilledCost": "twelve"}, {}),
        "BilledCost is 'twelve'", "number"),
    Bad("a date that does not exist", "billing/focus/dates/june.csv",
        focus("dates", {"ChargePeriodStart": "2026-02-31T00:00:00Z"}, {}), "2026-02-31", "correct the time"),
    Bad("a header that lacks the cost", "billing/focus/nohead/june.csv",
        focus("nohead", {}, header=FOCUS_HEADER.removeprefix("BilledCost,")), "without BilledCost", "export it with"),
    Bad("an empty bill", "billing/focus/void/june.csv", "", "empty", "deliver"),
    Bad("a damaged Parquet file", "billing/focus/damaged/june.parquet", b"PAR1" + b"\x00" * 200, "Parquet", "deliver"),
    Bad("a row of the wrong width", "billing/focus/wide/june.csv", focus("wide", {}) + "1,2,3\n", "3 fields",
        "deliver the row again"),
    Bad("an amount that no bill can mean", "billing/focus/big/june.csv", focus("big", {"cost": "9" * 25}, {}),
        "no charge is that large", "correct it"),
    Bad("an invoice with a wrong amount", "billing/invoices/acme.csv",
        "invoice_id,vendor,account_id,period_start,period_end,invoice_date,description,amount,currency\n"
        "I-1,Acme,acme,2026-06-01,2026-07-01,2026-07-02,tokens,a lot,USD\n", "'a lot'", "number"),
    Bad("a Google export that does not say what was used", "billing/other/gcp.csv",
        "billing_account_id,usage_start_time,usage_end_time,cost,currency\nX,2026-06-01,2026-06-02,1,USD\n",
        "a Google Cloud billing export has", "service or sku", is_note=True),
    Bad("a foreign file in the Google folder", "billing/gcp/notes.csv", "a,b\n1,2\n", "Google Cloud billing export has",
        "take the file away", is_note=True),
    # events
    Bad("a broken line", "events/canonical/broken.jsonl", event(event_id="b1") + "\n{broken\n", "Not JSON",
        "Write one JSON object per line"),
    Bad("an event without a time", "events/canonical/timeless.jsonl", event(requested_at_utc=None, event_id="t1"),
        "no time", "give requested_at_utc"),
    Bad("negative tokens", "events/canonical/negative.jsonl", event(output_tokens=-5, event_id="n1"),
        "-5 is negative", "leave it empty"),
    Bad("an event of the year 2999", "events/canonical/future.jsonl", event(requested_at_utc="2999-01-01T00:00:00Z"),
        "2999", "check the clock"),
    Bad("a cut gzip of events", "events/canonical/cut.jsonl.gz",
        gzip.compress("\n".join(event(event_id=f"z{n}", user_id=f"u{n**5}") for n in range(500)).encode())[:-400],
        "ends early", "Replace the file"),
    Bad("events in a folder of no format", "events/openai/a.jsonl", event(), "unknown folder openai/",
        "expected one of", is_note=True),
    Bad("a file outside any folder", "events/loose.csv", "a,b\n1,2\n", "in no folder of a format", "put it into",
        is_note=True),
    Bad("a spreadsheet", "events/canonical/a.xlsx", b"PK\x03\x04", "export it as .jsonl", "convert", is_note=True),
    Bad("mapped events without their mapping", "events/mapped/app/a.csv", "a,b\n1,2\n", "mapping", "mapping"),
    Bad("a column that nothing reads", "events/canonical/colour.jsonl", event(event_id="c1", colour="blue"), "colour",
        "rename the column", is_note=True),
    # organisation
    Bad("a cost center that is its own ancestor", "org/cost_centers.csv",
        "cost_center_id,parent_cost_center_id\nrnd,\nloop-a,loop-b\nloop-b,loop-a\n", "form a ring",
        "correct one parent"),
    Bad("a team twice", "org/teams.csv",
        "team_id,team_name,cost_center_id,Shoe [/red] Size\nsearch,Search [/red] \x1b[31mteam,rnd,1\n"
        "double,A,rnd,1\ndouble,B,rnd,1\n",
        "double is already defined", "end one before the other"),
    Bad("a user of an unknown team", "org/users.csv", "user_id,team_id\nu1,search\nu2,nobody\n", "nobody", "teams.csv"),
    Bad("an owner from no date", "org/ownership.csv",
        "subject_type,subject_id,team_id,valid_from\ntag,team=search,search,\ntag,team=lost,search,31.31.2026\n",
        "31.31.2026", "write it as"),
    Bad("a budget without an amount", "org/budgets.csv",
        "budget_id,scope_type,scope_id,period,amount_usd\nall,global,,month,1000\nbad,team,search,month,plenty\n",
        "plenty", "write the number"),
    Bad("an exchange rate of zero", "org/fx_rates.csv", "currency,usd_per_unit\nEUR,1.10\nGBP,0\n",
        "fx_rates.csv, row 2", "give US dollars"),
    Bad("a rule of 400 percent", "org/allocation_rules.csv",
        "rule_id,method,target_type,target_id,percent\nr1,fixed_percent,team,search,400\n", "out of range",
        "give from 0"),
    Bad("a share of a million percent", "org/tco_items.csv",
        "item_id,category,cost_behavior,driver,rate\nsupport,support,variable,percent_of_spend,1000000\n",
        "percent of spend", "give 0 to"),
    Bad("projects without an id", "org/projects.csv", "name,team_id\nx,search\n", "the header lacks", "add it"),
    Bad("a file that is no organisation file", "org/employees.csv", "a,b\n1,2\n", "expected cost_centers.csv",
        "take the file away", is_note=True),
    # GPUs
    Bad("a cut line of a GPU log", "gpu/node1/a.csv", GPU_HEADER + GPU_ROWS + "2026/06/14 10:01:00.000, GPU-1, NVID\n",
        "cut or damaged", "Log it anew"),
    Bad("times without a zone", "gpu/node2/a.csv", GPU_HEADER + GPU_ROWS.replace("GPU-1", "GPU-2"), "read as UTC",
        "set the zone", is_note=True),
    Bad("a GPU log without a header", "gpu/node3/a.csv", GPU_ROWS.replace("GPU-1", "GPU-3"), "no header", "Log with"),
    Bad("settings that are no YAML", "gpu/node4/gpu.yml", "time_zone: [Europe\n", "gpu.yml",
        "time_zone: Europe/Berlin", told_of="node4/a.csv"),
    # prices
    Bad("a price file that is no JSON", "org/litellm_prices.json", "{broken", "litellm_prices.json",
        "export the price file again"),
)  # fmt: skip

GOOD = {
    "billing/focus/good/june.csv": focus("good", {"cost": "12.34", "Tags": json.dumps(TAGS)}, {"cost": "7.66"}),
    "events/canonical/good.jsonl": event(event_id="g1", team_id="search", feature="[/red]\x1b[2J", user_id="u1"),
    "gpu/node4/a.csv": GPU_HEADER + GPU_ROWS.replace("GPU-1", "GPU-4"),
}


def lay(home: Path) -> None:
    """Drop all of it into a home."""
    for path, content in [*GOOD.items(), *((bad.path, bad.content) for bad in BAD)]:
        target = home / "drop" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
