"""Real files of others through `costops run` and `costops query`, against figures read from the files themselves."""

from __future__ import annotations

import csv
import gzip
import json
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import costops
from tests.support.shared_data import shared_data

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "sources" / "examples"
LEDGERS = {
    "hn_openai": ("ledgers/hn_openai", "openai_call_ledger.csv.gz"),
    "azure_llm": ("usage/azure_llm", "AzureLLMInferenceTrace_code.csv"),
    "mooncake": ("usage/mooncake", "conversation_trace.jsonl.gz"),
    "news_digest": ("ledgers/news_digest", "token_usage.jsonl"),
}
BILLS = {
    "focus": "billing/focus_sample_1_0/focus_sample.csv",
    "aws_cur": "billing/native_samples/sample-anonymous-aws-export-dataset.csv.gz",
    "azure": "billing/native_samples/sample-anonymous-ea-export-dataset.csv",
    "oci": "billing/native_samples/reports_cost-csv_0000000030000269.csv.gz",
}

WITH_WARNINGS = 3

pytestmark = pytest.mark.slow


def rows_of(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a CSV or JSON Lines file, by the standard library alone."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8-sig") as lines:
        if ".jsonl" in path.name:
            yield from (json.loads(line) for line in lines)
        else:
            yield from csv.DictReader(lines)


def file_of(ledger: str) -> Path:
    folder, name = LEDGERS[ledger]
    return shared_data(folder) / name


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose drop folders hold all the real files, after one `costops run`."""
    root = tmp_path_factory.mktemp("real") / "home"
    for ledger in LEDGERS:
        target = root / "drop" / "events" / "mapped" / ledger
        target.mkdir(parents=True)
        shutil.copy(file_of(ledger), target)
        shutil.copy(EXAMPLES / f"{ledger}.mapping.yml", target / "mapping.yml")
    _name_the_model(root / "drop", "azure_llm")
    for name, part in BILLS.items():
        target = root / "drop" / "billing" / name
        target.mkdir(parents=True)
        shutil.copy(shared_data(part), target)
    result = costops("run", home=root)
    # One trace lies there under two mappings on purpose, which the run asks about, and about nothing else.
    assert result.returncode == WITH_WARNINGS, result.stdout[-3000:] + result.stderr[-3000:]
    noticed = " ".join(result.stdout.partition("Noticed while landing")[2].split())
    assert noticed.count("→") == 1
    assert "calls of mapped/azure_llm/ have the counts and times of calls of mapped/azure_llm_named/" in noticed
    assert "twice: 8,819 calls, 18,305,870 tokens" in noticed
    return root


def _name_the_model(drop: Path, ledger: str) -> None:
    """The same file once more under a mapping that names its model, and a price list of that year for it."""
    target = drop / "events" / "mapped" / f"{ledger}_named"
    target.mkdir()
    shutil.copy(file_of(ledger), target)
    mapping = (EXAMPLES / f"{ledger}.mapping.yml").read_text()
    (target / "mapping.yml").write_text(mapping + "  requested_model: {constant: gpt-4}\n")
    rates = {"mode": "chat", "input_cost_per_token": 3e-05, "output_cost_per_token": 6e-05}
    listed = {"gpt-4": rates | {"litellm_provider": "openai"}, "azure/gpt-4": rates | {"litellm_provider": "azure"}}
    (drop / "prices").mkdir()
    (drop / "prices" / "litellm_2023-11-01.json").write_text(json.dumps(listed))


def ask(home: Path, sql: str) -> list[dict[str, Any]]:
    result = costops("query", sql, "--format", "json", home=home)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_call_ledger_costs_what_it_recorded_call_by_call(home: Path) -> None:
    recorded = [Decimal(row["cost_usd"]) for row in rows_of(file_of("hn_openai"))]
    (found,) = ask(
        home,
        """
        select
            count(*) as calls,
            sum(recorded_cost_usd) as recorded,
            count(*) filter (where list_cost_usd is null) as unpriced,
            count(*) filter (where abs(list_cost_usd - recorded_cost_usd) > 0.0000005) as off
        from fct_llm_requests where event_source = 'mapped/hn_openai'
        """,
    )
    assert (len(recorded), sum(recorded)) == (2948, Decimal("6.378454"))
    assert found["calls"] == 2948
    assert Decimal(found["recorded"]) == Decimal("6.378454")
    assert (found["unpriced"], found["off"]) == (0, 0)


def test_recorded_cost_of_the_ledger_differs_by_rounding_alone(home: Path) -> None:
    """2,948 calls at list prices, each recorded to six decimals: half a millionth each way is all there is."""
    (found,) = ask(
        home,
        """
        select
            sum(recorded_cost_usd) as recorded, sum(recorded_request_count) as requests,
            sum(compared_request_count) as compared, sum(uncompared_recorded_cost_usd) as rest,
            sum(list_cost_usd) + sum(difference_usd) as together,
            string_agg(distinct difference_class) as classes, bool_or(is_beyond_rounding) as beyond
        from rpt_recorded_cost_differences where event_source = 'mapped/hn_openai'
        """,
    )
    assert Decimal(found["recorded"]) == Decimal(found["together"]) == Decimal("6.378454")
    assert (int(found["requests"]), int(found["compared"]), found["rest"]) == (2948, 2948, None)
    assert (found["classes"], found["beyond"]) == ("equal", False)


def test_trace_without_a_model_keeps_its_tokens_and_has_no_cost(home: Path) -> None:
    rows = list(rows_of(file_of("azure_llm")))
    (found,) = ask(
        home,
        """
        select count(*) as requests, sum(input_tokens) as input, sum(output_tokens) as output,
            count(list_cost_usd) as priced, min(requested_at_utc) as first
        from fct_llm_requests where event_source = 'mapped/azure_llm'
        """,
    )
    assert len(rows) == 8819
    assert found["requests"] == 8819
    assert int(found["input"]) == sum(int(row["ContextTokens"]) for row in rows)
    assert int(found["output"]) == sum(int(row["GeneratedTokens"]) for row in rows)
    assert found["priced"] == 0
    assert found["first"].startswith("2023-11-16 18:1")
    listed = ask(
        home,
        "select meter, sum(quantity) as quantity, any_value(unpriced_reason) as reason "
        "from fct_unpriced_usage_daily where usage_date = date '2023-11-16' and provider_id = 'azure' group by 1",
    )
    assert {row["meter"]: int(row["quantity"]) for row in listed if row["meter"] != "request"} == {
        "uncached_input": int(found["input"]),
        "output": int(found["output"]),
    }
    assert all(row["reason"] for row in listed)


def test_relative_trace_lands_whole(home: Path) -> None:
    rows = list(rows_of(file_of("mooncake")))
    (found,) = ask(
        home,
        "select count(*) as requests, sum(input_tokens) as input, sum(output_tokens) as output "
        "from fct_llm_requests where event_source = 'mapped/mooncake'",
    )
    assert (found["requests"], int(found["input"]), int(found["output"])) == (
        len(rows),
        sum(row["input_length"] for row in rows),
        sum(row["output_length"] for row in rows),
    )


def test_every_agent_run_is_accounted_for_and_errors_are_not_priced_as_calls(home: Path) -> None:
    rows = list(rows_of(file_of("news_digest")))
    (found,) = ask(
        home,
        """
        select count(*) as runs, count(*) filter (where status = 'error') as errors,
            count(*) filter (where status = 'error' and total_tokens = 0 and coalesce(list_cost_usd, 0) <> 0) as charged
        from fct_llm_requests where event_source = 'mapped/news_digest'
        """,
    )
    quarantined = ask(home, "select count(*) as n from fct_quarantined_rows where source = 'events/mapped/news_digest'")
    assert found["runs"] + quarantined[0]["n"] == len(rows) == 117
    assert found["errors"] == sum(bool(row["curate_error"]) for row in rows)
    assert found["charged"] == 0


@pytest.mark.parametrize(
    ("source", "file", "cost_column", "rows"),
    [
        ("focus", "focus", "BilledCost", 1000),
        ("aws_cur", "aws_cur", "lineItem/UnblendedCost", 1281),
        ("azure", "azure", "CostInBillingCurrency", 27),
        ("oci", "oci", "cost/myCost", 506),
    ],
)
def test_bill_is_the_file_to_the_last_decimal(home: Path, source: str, file: str, cost_column: str, rows: int) -> None:
    costs = [Decimal(row[cost_column]) for row in rows_of(shared_data(BILLS[file]))]
    (found,) = ask(
        home,
        "select count(*) as charges, sum(billed_cost) as billed, sum(billed_cost_rounding) as rounding "
        f"from fct_charges where charge_source = '{source}'",
    )
    assert found["charges"] == len(costs) == rows
    assert Decimal(found["billed"]) + Decimal(found["rounding"]) == sum(costs)


def test_a_trace_of_2023_is_priced_where_its_model_is_named_and_a_history_knows_the_price(home: Path) -> None:
    (found,) = ask(
        home,
        """
        select count(*) as requests, count(list_cost_usd) as priced,
            sum(list_cost_usd) = sum(input_tokens * 0.00003 + output_tokens * 0.00006)::decimal(38, 12) as exact
        from fct_llm_requests where event_source = 'mapped/azure_llm_named'
        """,
    )
    assert (found["requests"], found["priced"]) == (8819, 8819)
    assert found["exact"], "30 and 60 USD per million tokens is GPT-4's published price"
