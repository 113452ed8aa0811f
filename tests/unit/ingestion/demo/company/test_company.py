"""The company is the same for the same arguments, uses real models at real prices, and names nobody."""

import csv
import hashlib
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from genai_prices import Usage, calc_price
from genai_prices.data_snapshot import get_snapshot

from ingestion.demo.company import GroundTruth, generate
from ingestion.demo.company.company import COST_CENTERS, PROVIDERS, TEAMS, USERS
from ingestion.demo.company.models import MODELS, UNKNOWN_MODEL
from ingestion.demo.company.projects import PROJECTS

Company = tuple[Path, GroundTruth]


def _digests(folder: Path) -> dict[str, tuple[str, float]]:
    return {
        str(path.relative_to(folder)): (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    one, two, other = tmp_path / "one", tmp_path / "two", tmp_path / "other"
    for folder, seed in ((one, 7), (two, 7), (other, 8)):
        generate(folder, seed=seed, last_date=date(2026, 11, 21), days=20, scale=0.03)
    assert _digests(one) == _digests(two)
    assert _digests(one) != _digests(other)


def test_generating_again_replaces_what_was_there(tmp_path: Path) -> None:
    generate(tmp_path, last_date=date(2026, 11, 21), days=20, scale=0.03)
    generate(tmp_path, last_date=date(2026, 5, 3), days=14, scale=0.03)
    assert not list(tmp_path.rglob("*2026-11*"))


def test_loaded_truth_is_the_generated_one(company: Company) -> None:
    folder, truth = company
    loaded = GroundTruth.load(folder)
    assert loaded.usage.equals(truth.usage)
    assert loaded.charges.equals(truth.charges)
    assert loaded.planted == truth.planted
    assert len(loaded.requests()) == truth.usage["request_count"].sum()


def test_size_of_the_company() -> None:
    assert len(TEAMS) == 6
    assert len(PROJECTS) == 12
    assert len(USERS) == 40
    assert len(PROVIDERS) == 5
    assert len(MODELS) == 20 + 1
    parents = {center.id: center.parent_id for center in COST_CENTERS}
    assert all(parents[parents[parents[team.cost_center_id]]] is None for team in TEAMS)  # type: ignore[index]


def test_too_short_a_window_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least 14 days"):
        generate(tmp_path, last_date=date(2026, 11, 21), days=5)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.raw_name)
def test_model_is_in_the_price_list_unless_planted_as_unknown(model) -> None:
    try:
        _, found = get_snapshot().find_provider_model(model.raw_name, None, model.provider, None)
    except LookupError:
        assert model.raw_name == UNKNOWN_MODEL
    else:
        assert found.id == model.price_model_id


CONTEXTS = {
    "processing=batch": {"processing": "batch"},
    "service_tier=flex": {"service_tier": "flex"},
    "service_tier=priority": {"service_tier": "priority"},
}


def test_list_cost_is_what_genai_prices_calculates(long_company: Company) -> None:
    requests = long_company[1].requests()
    priced = requests[requests["list_cost_usd"].notna()]
    for row in priced.iloc[np.linspace(0, len(priced) - 1, 400).astype(int)].itertuples():
        write = row.cache_write_tokens + row.cache_write_5m_tokens + row.cache_write_1h_tokens
        total = row.uncached_input_tokens + row.cache_read_tokens + write
        usage = Usage(
            input_tokens=total,
            cache_read_tokens=row.cache_read_tokens,
            cache_write_tokens=write,
            cache_write_5m_tokens=row.cache_write_5m_tokens,
            cache_write_1h_tokens=row.cache_write_1h_tokens,
            output_tokens=row.output_tokens,
            web_searches=row.web_searches,
        )
        expected = calc_price(
            usage,
            row.model,
            provider_id=row.provider_id,
            genai_request_timestamp=row.requested_at_utc.to_pydatetime().replace(tzinfo=UTC),
            price_context=CONTEXTS.get(row.price_variant),
        )
        assert row.list_cost_usd == (expected.total_price if row.is_billable else Decimal(0))


def test_people_are_numbers_with_roles(company: Company) -> None:
    roles = {team.role for team in TEAMS}
    rows = list(csv.DictReader((company[0] / "org" / "users.csv").open()))
    assert len(rows) == len(USERS)
    for row in rows:
        assert re.fullmatch(r"user_\d{3}", row["user_id"])
        assert re.fullmatch(rf"({'|'.join(roles)}) \d\d", row["user_name"])
        assert row["email"] == f"{row['user_id']}@sample-company.example"
    owners = {row["owner"] for row in csv.DictReader((company[0] / "org" / "cost_centers.csv").open())}
    assert all(re.search(r"(officer|head-of|lead)", owner) for owner in owners)


def test_requests_lie_inside_the_window(company: Company) -> None:
    requests = company[1].requests()
    assert requests["requested_at_utc"].min() >= datetime(2026, 10, 13)  # noqa: DTZ001
    assert requests["requested_at_utc"].max() < datetime(2026, 11, 22)  # noqa: DTZ001
    assert requests["event_id"].is_unique
