"""Every file is read back here with nothing but csv, json and pyarrow, and compared with the ground truth."""

import csv
import gzip
import json
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from ingestion.demo.company import GroundTruth

INPUT = (
    "uncached_input_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
)
Company = tuple[Path, GroundTruth]


def _text(path: Path) -> str:
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode()


def _lines(folder: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.rglob("*.jsonl*")):
        for line in _text(path).splitlines():
            yield json.loads(line)


def _rows(folder: Path) -> Iterator[dict[str, str]]:
    for path in sorted(folder.rglob("*.csv*")):
        yield from csv.DictReader(_text(path).splitlines())


def _canonical(events: Path) -> Iterator[dict[str, int]]:
    for path in sorted((events / "canonical").glob("*.parquet")):
        for row in pq.read_table(path).to_pylist():
            yield {
                "input": sum(row[name] or 0 for name in INPUT),
                "read": row["cache_read_tokens"] or 0,
                "output": row["output_tokens"],
            }


def _litellm(events: Path) -> Iterator[dict[str, int]]:
    for row in _lines(events / "litellm"):
        cached = row["metadata"]["usage_object"]["prompt_tokens_details"]["cached_tokens"]
        yield {"input": row["prompt_tokens"], "read": cached, "output": row["completion_tokens"]}


def _langfuse(events: Path) -> Iterator[dict[str, int]]:
    for row in _lines(events / "langfuse"):
        usage = row["usageDetails"]
        received = usage["input"] + usage["input_cached_tokens"] + usage["input_cache_write"]
        produced = usage["output"] + usage["output_reasoning_tokens"]
        assert usage["total"] == received + produced
        yield {"input": received, "read": usage["input_cached_tokens"], "output": produced}


def _otel(events: Path) -> Iterator[dict[str, int]]:
    seen = set()
    for export in _lines(events / "otel"):
        for span in export["resourceSpans"][0]["scopeSpans"][0]["spans"]:
            values = {one["key"]: next(iter(one["value"].values())) for one in span["attributes"]}
            if span["spanId"] in seen or values["gen_ai.operation.name"] != "chat":
                continue
            seen.add(span["spanId"])
            read = values.get("gen_ai.usage.cache_read.input_tokens") or values.get(
                "gen_ai.usage.cache_read_input_tokens"
            )
            yield {
                "input": int(values["gen_ai.usage.input_tokens"]),
                "read": int(read or 0),
                "output": int(values["gen_ai.usage.output_tokens"]),
            }


def _bodies(events: Path) -> Iterator[dict[str, int]]:
    for call in _lines(events / "provider_bodies"):
        usage = (call["response"] or {}).get("usage")
        if usage is None:
            yield {"input": 0, "read": 0, "output": 0}
        elif call["provider"] == "groq":
            cached = usage["prompt_tokens_details"]["cached_tokens"]
            yield {"input": usage["prompt_tokens"], "read": cached, "output": usage["completion_tokens"]}
        else:
            for part in usage.get("iterations") or [usage]:
                read = part["cache_read_input_tokens"]
                received = part["input_tokens"] + part["cache_creation_input_tokens"] + read
                yield {"input": received, "read": read, "output": part["output_tokens"]}


def _mapped(events: Path) -> Iterator[dict[str, int]]:
    for row in _rows(events / "mapped"):
        yield {
            "input": int(row["prompt_tokens"]),
            "read": int(row["of_which_cached"]),
            "output": int(row["completion_tokens"]),
        }


@pytest.mark.parametrize(
    ("source", "read"),
    [
        ("canonical", _canonical),
        ("litellm", _litellm),
        ("langfuse", _langfuse),
        ("otel", _otel),
        ("provider_bodies", _bodies),
        ("mapped", _mapped),
    ],
)
def test_log_adds_up_to_the_truth(
    company: Company, source: str, read: Callable[[Path], Iterator[dict[str, int]]]
) -> None:
    folder, truth = company
    found: Counter[str] = Counter()
    for row in read(folder / "events"):
        found.update(row)
        found["rows"] += 1
    usage = truth.usage[(truth.usage["event_source"] == source) & truth.usage["is_logged"]]
    assert found == {
        "rows": usage["request_count"].sum(),
        "input": usage[list(INPUT)].to_numpy().sum(),
        "read": usage["cache_read_tokens"].sum(),
        "output": usage["output_tokens"].sum(),
    }
    assert found["rows"] > 0


def test_every_format_has_compressed_and_plain_files(company: Company) -> None:
    events = company[0] / "events"
    endings = {path.suffix for path in events.rglob("*") if path.is_file()}
    assert endings == {".parquet", ".jsonl", ".gz", ".csv", ".yml"}


def _sum(rows: Iterator[dict[str, str]], column: str) -> Decimal:
    return sum((Decimal(row[column]) for row in rows), Decimal(0))


def _billed(truth: GroundTruth, source: str) -> Decimal:
    return sum(truth.charges.loc[truth.charges["charge_source"] == source, "billed_cost_usd"], Decimal(0))


def test_focus_and_aws_bills_equal_the_truth_to_the_last_decimal(company: Company) -> None:
    folder, truth = company
    assert _sum(_rows(folder / "billing" / "focus"), "BilledCost") == _billed(truth, "focus")
    assert _sum(_rows(folder / "billing" / "aws_cur"), "lineItem/UnblendedCost") == _billed(truth, "aws_cur")


def test_invoices_equal_the_truth_and_what_is_on_bills_is_the_bill_in_cents(company: Company) -> None:
    folder, truth = company
    read = [
        (row["Invoice Number"], int(row["Line Number"]), Decimal(row["Amount"]))
        for row in _rows(folder / "billing" / "invoices")
    ]
    frame = truth.invoices
    assert sorted(read) == sorted(zip(frame["invoice_id"], frame["line_number"], frame["amount_usd"], strict=True))
    months = ["provider_id", "billing_month"]
    for key, lines in frame[frame["is_on_bill"]].groupby(months):
        own = truth.charges[(truth.charges[months] == key).all(axis=1)]
        assert abs(lines["amount_usd"].sum() - own["billed_cost_usd"].sum()) <= Decimal("0.005") * len(lines)


def test_newest_azure_run_of_each_period_equals_the_truth(company: Company) -> None:
    folder, truth = company
    periods = sorted((folder / "billing" / "azure" / "actual-cost").iterdir())
    runs = [sorted(period.iterdir()) for period in periods]
    assert [len(run) for run in runs] == [1] * (len(runs) - 1) + [2]
    newest = sum((_sum(_rows(run[-1]), "CostInBillingCurrency") for run in runs), Decimal(0))
    assert newest == _billed(truth, "azure")
    older, newer = (_sum(_rows(run), "CostInBillingCurrency") for run in runs[-1])
    assert 0 < older < newer


def test_sub_accounts_of_bills_are_ids_of_events(company: Company) -> None:
    folder, truth = company
    usage = truth.usage
    known = {*usage["project_id"], *usage["workspace_id"], *usage["account_id"]}
    explained = truth.charges[truth.charges["is_explained_by_usage"]]
    assert set(explained["sub_account_id"].dropna()) <= known
    owned = {row["subject_id"] for row in csv.DictReader(_text(folder / "org" / "ownership.csv").splitlines())}
    assert set(explained["sub_account_id"].dropna()) <= owned


def test_bill_equals_contracted_usage_within_its_printed_decimals(company: Company) -> None:
    _, truth = company
    charges = truth.charges[truth.charges["is_explained_by_usage"]]
    step = {"openai": 12, "anthropic": 8, "azure": 12, "aws": 10}
    for line in charges.itertuples():
        assert abs(line.billed_cost_usd - line.contracted_cost_usd) <= Decimal(1).scaleb(-step[line.provider_id]) / 2


def test_gpu_logs_are_small_and_idle_at_night(company: Company) -> None:
    rows = list(_rows(company[0] / "gpu" / "gpu-train-01"))
    assert 10_000 < len(rows) < 20_000
    night = [row for row in rows if row["timestamp"][11:13] in ("01", "02", "03")]
    assert {row[" utilization.gpu [%]"].strip() for row in night} <= {"0 %", "[N/A]"}
