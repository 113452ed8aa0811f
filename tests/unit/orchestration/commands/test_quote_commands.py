"""`costops price`, `compare-models` and `conversation` as people call them, before anything was ever run."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import Result
from genai_prices import Usage, calc_price
from rich.console import Console
from typer.testing import CliRunner

from orchestration.cli import app

RUNNER = CliRunner()
AT = "2026-11-01"


@pytest.fixture(autouse=True)
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COSTOPS_ORG_DIR", raising=False)
    monkeypatch.setenv("COSTOPS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def run(*arguments: str) -> Result:
    return RUNNER.invoke(app, list(arguments))


def record(*arguments: str) -> dict[str, Any]:
    result = run(*arguments, "--format", "json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """What a command prints as tables, in one line."""

    def run_and_read(*arguments: str) -> str:
        paper = StringIO()
        monkeypatch.setattr("orchestration.commands.pricing.console", Console(file=paper, width=140))
        assert run(*arguments).exit_code == 0
        return " ".join(paper.getvalue().split())

    return run_and_read


def library(model: str, provider: str, usage: Usage) -> Decimal:
    at = datetime(2026, 11, 1, 12, tzinfo=UTC)
    return calc_price(usage, model, provider_id=provider, genai_request_timestamp=at).total_price


@pytest.mark.parametrize(
    ("arguments", "cost"),
    [
        (
            "-m claude-opus-4-8 --input 1000 --cached 10000 --cache-write-5m 2000 --cache-write-1h 500 --output 300",
            "0.035",
        ),
        ("-m gemini-2.5-pro --input 200000 --output 1000", "0.26"),
        ("-m gemini-2.5-pro --input 200001 --output 1000", "0.5150025"),
        ("-m gpt-4.1 --input 1000000 --output 1000000 --batch --date 2026-10-14", "5"),
        ("-m whisper-large-v3 --provider groq --audio-seconds 2", "0.00030833"),
    ],
)
def test_worked_examples_of_the_pricing_page(arguments: str, cost: str) -> None:
    found = record("price", *arguments.split(), *([] if "--date" in arguments else ["--date", AT]))
    assert Decimal(found["list_cost_usd"]).quantize(Decimal(cost)) == Decimal(cost)
    assert found["contracted_cost_usd"] == found["list_cost_usd"]
    assert all(meter["price_row"]["price_source"] == "genai-prices" for meter in found["meters"])


def test_what_the_list_does_not_price_is_null_and_says_why(printed: Callable[..., str]) -> None:
    arguments = "price -m gpt-4.1 --input 1000000 --output 1000000 --batch --date 2026-10-13".split()
    found = record(*arguments)
    assert found["list_cost_usd"] is found["contracted_cost_usd"] is None
    assert found["unpriced_reason"] == "no_price_at_time"
    words = printed(*arguments)
    assert "total NULL NULL" in words
    assert "unknown, not 0" in words
    part = record("price", "-m", "gpt-4o", "--input", "10", "--meter", "rerank_search=2", "--date", AT)
    assert part["unpriced_meters"] == ["rerank_search"]
    assert part["list_cost_usd"] is None
    assert Decimal(part["meters"][0]["list_cost_usd"]) == Decimal("0.000025")


def test_an_unknown_model_ends_with_2_and_its_neighbours() -> None:
    result = run("price", "-m", "claude-sonet-4-5", "--provider", "anthropic", "--input", "10")
    assert result.exit_code == 2
    assert "anthropic/claude-sonnet-4-5" in result.output
    assert run("price", "-m", "gpt-4o").exit_code == 2
    assert run("price", "-m", "gpt-4o", "--input", "1", "--date", "yesterday").exit_code == 2
    assert run("price", "-m", "gpt-4o", "--meter", "tokens=1").exit_code == 2


def test_a_fee_for_each_request_is_a_line_of_its_own() -> None:
    found = record("price", "-m", "sonar-reasoning", "--provider", "perplexity", "--output", "1000", "--date", AT)
    assert [meter["meter"] for meter in found["meters"]] == ["output", "request"]
    assert Decimal(found["list_cost_usd"]) == library("sonar-reasoning", "perplexity", Usage(output_tokens=1000))


def test_the_newest_most_specific_offer_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "negotiated_prices.csv").write_text(
        "provider_name,model,meter,discount_pct,price_usd_per_million_units,valid_from,valid_to\n"
        "anthropic,,,5,,2026-01-01,\n"
        "anthropic,claude-sonnet-4-5,output,,13.20,2026-01-01,2026-12-01\n"
        "anthropic,,cache_read,seven,,2026-01-01,\n"
    )
    monkeypatch.setenv("COSTOPS_ORG_DIR", str(tmp_path))
    found = record("price", "-m", "claude-sonnet-4-5", "--input", "1000", "--output", "1000", "--date", AT)
    assert Decimal(found["list_cost_usd"]) == Decimal("0.018")
    assert [Decimal(m["contracted_cost_usd"]) for m in found["meters"]] == [Decimal("0.00285"), Decimal("0.0132")]
    assert "discount_pct" in found["notes"][0]
    later = record("price", "-m", "claude-sonnet-4-5", "--output", "1000", "--date", "2026-12-01")
    assert Decimal(later["contracted_cost_usd"]) == Decimal("0.01425")


def test_a_users_alias_names_the_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model_aliases.csv").write_text("provider_name,model,price_model\nazure,chat-prod,openai/gpt-4o\n")
    monkeypatch.setenv("COSTOPS_ORG_DIR", str(tmp_path))
    found = record("price", "-m", "chat-prod", "--provider", "azure", "--output", "1000", "--date", AT)
    assert Decimal(found["list_cost_usd"]) == library("gpt-4o", "openai", Usage(output_tokens=1000))


def test_published_prices_go_before_the_installed_list(empty_home: Path) -> None:
    (empty_home / "published").mkdir(parents=True)
    with duckdb.connect() as db:
        db.execute(f"attach '{empty_home}/published/costops.duckdb' as published")
        db.execute("create schema published.marts")
        db.execute(
            "create table published.marts.dim_prices as select 'openai' as provider_id, 'gpt-4o' as model_id, meter, "
            "'standard' as price_variant, timestamp '1900-01-01' as valid_from_utc, timestamp '2200-01-01' as "
            "valid_to_utc, 0::bigint as time_of_day_from_second, 86400::bigint as time_of_day_to_second, "
            "-1::bigint as context_over_tokens, 9223372036854775807 as context_up_to_tokens, "
            "0.000007::decimal(38,12) as list_price_usd_per_unit, null::bigint as minimum_quantity, "
            "'genai-prices' as price_source, '0.0.1' as price_source_version from (values ('uncached_input')) t(meter)"
        )
    found = record("price", "-m", "gpt-4o", "--input", "1000000")
    assert found["is_published"]
    assert Decimal(found["list_cost_usd"]) == 7
    assert not record("price", "-m", "gpt-4.1", "--input", "1")["is_published"]


def test_models_are_ranked_with_a_month_of_30_4375_days() -> None:
    found = record("compare-models", "--input", "3000", "--output", "500", "--requests", "2000", "--date", AT)
    costs = [Decimal(m["cost_usd_per_request"]) for m in found["models"] if m["rank"]]
    assert costs == sorted(costs)
    assert len(costs) > 100
    assert Decimal(found["models"][0]["cost_usd_per_month"]) == costs[0] * 2000 * Decimal("30.4375")
    sonnet = next(m for m in found["models"] if m["model_id"] == "claude-sonnet-4-5")
    usage = Usage(input_tokens=3000, output_tokens=500)
    assert Decimal(sonnet["cost_usd_per_request"]) == library("claude-sonnet-4-5", "anthropic", usage)


def test_a_model_that_cannot_hold_the_request_has_no_rank(printed: Callable[..., str]) -> None:
    arguments = "compare-models --input 150000 --requests 1 --models gpt-4o,claude-sonnet-4-5,gemini-2.5-pro".split()
    found = record(*arguments, "--date", AT)
    assert [(m["model_id"], m["rank"]) for m in found["models"]] == [
        ("gemini-2.5-pro", 1),
        ("claude-sonnet-4-5", 2),
        ("gpt-4o", None),
    ]
    assert found["models"][2]["fits_window"] is False
    assert "too small" in printed(*arguments)
    assert run("compare-models", "--input", "1", "--requests", "1", "--provider", "nobody").exit_code == 2


def test_input_of_a_conversation_grows_with_the_square_of_its_turns(printed: Callable[..., str]) -> None:
    n, system, user, reply = 40, 2000, 200, 400
    arguments = f"conversation -m gpt-4o --turns {n} --system {system} --user {user} --reply {reply} --date {AT}"
    found = record(*arguments.split())
    sent = n * system + user * n * (n + 1) // 2 + reply * n * (n - 1) // 2
    assert sum(turn["input_tokens"] for turn in found["turns"]) == sent
    fresh = system + n * user + (n - 1) * reply
    whole = library("gpt-4o", "openai", Usage(input_tokens=sent, output_tokens=n * reply))
    usage = Usage(input_tokens=sent, cache_read_tokens=sent - fresh, output_tokens=n * reply)
    assert Decimal(found["cost_without_cache_usd"]) == whole
    assert Decimal(found["cost_with_cache_usd"]) == library("gpt-4o", "openai", usage)
    words = printed(*arguments.split(), "--no-cache")
    assert "cost of the turn, without cache" in words
    assert "█" in words


def test_a_conversation_meets_the_step_and_the_window() -> None:
    plan = "--turns 150 --system 5000 --user 1000 --reply 9000".split()
    found = record("conversation", "-m", "gemini-2.5-pro", *plan, "--date", AT)
    step = found["context_step_at_turn"]
    before, at_step = found["turns"][step - 2], found["turns"][step - 1]
    assert found["context_step_over_tokens"] == 200_000
    assert before["input_tokens"] <= 200_000 < at_step["input_tokens"]
    assert Decimal(at_step["cost_without_cache_usd"]) > Decimal("1.5") * Decimal(before["cost_without_cache_usd"])
    found = record("conversation", "-m", "gpt-4o", *plan, "--date", AT)
    assert len(found["turns"]) == found["window_exceeded_at_turn"] - 1
    last = found["turns"][-1]["input_tokens"] + 9000
    assert last <= found["context_window"] < last + 10_000


def test_writes_to_the_cache_are_paid_where_they_are_priced() -> None:
    plan = "--turns 1 --system 10000 --user 0 --reply 0".split()
    found = record("conversation", "-m", "claude-sonnet-4-5", *plan, "--date", AT)
    assert Decimal(found["cost_without_cache_usd"]) == Decimal("0.03")
    assert Decimal(found["cost_with_cache_usd"]) == Decimal("0.0375")
