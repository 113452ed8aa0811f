"""What the truth says is planted can be found in the files, and exactly one budget is crossed on any last day."""

import csv
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from ingestion.demo.company import GroundTruth, PlantedFact, generate
from ingestion.demo.company.models import UNKNOWN_MODEL

Company = tuple[Path, GroundTruth]


def _one(truth: GroundTruth, kind: str) -> PlantedFact:
    (fact,) = truth.facts(kind)
    return fact


def _days(frame: pd.DataFrame, fact: PlantedFact, column: str = "usage_date") -> pd.DataFrame:
    return frame[(frame[column] >= fact.start_date) & (frame[column] <= fact.end_date)]


def test_runaway_key_asks_far_more_on_one_day(company: Company) -> None:
    _, truth = company
    fact = _one(truth, "runaway_agent")
    own = truth.usage[truth.usage["api_key_id"] == fact.subject_id]
    daily = own.groupby("usage_date")["request_count"].sum()
    assert fact.start_date == date(2026, 11, 18)
    assert daily[fact.start_date] == fact.expected["request_count"]
    assert daily[fact.start_date] > 15 * daily.drop(fact.start_date).mean()
    requests = truth.requests()
    moments = requests.loc[
        (requests["api_key_id"] == fact.subject_id) & (requests["requested_at_utc"].dt.date == fact.start_date),
        "requested_at_utc",
    ]
    assert ((moments.dt.hour >= 8) & (moments.dt.hour < 22)).mean() > 0.9


def test_cache_of_the_support_bot_breaks(company: Company) -> None:
    _, truth = company
    fact = _one(truth, "cache_break")
    own = truth.usage[truth.usage["project_id"] == fact.subject_id]
    broken = _days(own, fact)
    sums = broken[[name for name in own.columns if name.endswith("_tokens")]].sum()
    total = sums.drop(["output_tokens", "reasoning_tokens"]).sum()
    assert sums["cache_read_tokens"] / total == pytest.approx(fact.expected["cache_read_ratio"], abs=1e-4)
    assert fact.expected["cache_read_ratio"] < 0.1 < 0.5 < fact.expected["usual_cache_read_ratio"]


def test_logs_of_two_days_are_missing_but_billed(company: Company) -> None:
    _, truth = company
    fact = _one(truth, "missing_days")
    lost = truth.usage[~truth.usage["is_logged"]]
    assert set(lost["usage_date"]) == {fact.start_date, fact.end_date}
    assert set(lost["provider_id"]) == {"openai"}
    billed = _days(truth.charges[truth.charges["provider_id"] == "openai"], fact, "charge_date")
    assert billed.loc[billed["is_explained_by_usage"], "billed_cost_usd"].sum() > 0


def test_unknown_model_and_tier_have_no_price(company: Company) -> None:
    _, truth = company
    usage = truth.usage
    is_unpriced = usage["list_cost_usd"].isna()
    assert set(usage.loc[is_unpriced & (usage["model"] != UNKNOWN_MODEL), "service_tier"]) == {"scale"}
    assert usage.loc[(usage["model"] == UNKNOWN_MODEL) & (usage["output_tokens"] > 0), "list_cost_usd"].isna().all()
    assert (truth.charges.loc[truth.charges["model"] == UNKNOWN_MODEL, "billed_cost_usd"] > 0).all()


def test_untagged_keys_have_neither_project_nor_owner(company: Company) -> None:
    folder, truth = company
    owned = {row["subject_id"] for row in csv.DictReader((folder / "org" / "ownership.csv").open())}
    facts = truth.facts("untagged_key")
    assert len(facts) == 2
    for fact in facts:
        assert fact.subject_id not in owned
        assert truth.usage.loc[truth.usage["api_key_id"] == fact.subject_id, "project_id"].isna().all()


def test_every_other_key_is_owned(company: Company) -> None:
    folder, truth = company
    owned = {row["subject_id"] for row in csv.DictReader((folder / "org" / "ownership.csv").open())}
    untagged = {fact.subject_id for fact in truth.facts("untagged_key")}
    assert set(truth.usage["api_key_id"]) <= owned | untagged


def test_moved_project_changes_its_team_on_the_day(company: Company) -> None:
    folder, truth = company
    fact = _one(truth, "reorganisation")
    rows = [
        row for row in csv.DictReader((folder / "org" / "projects.csv").open()) if row["project_id"] == fact.subject_id
    ]
    assert [(row["team_id"], row["valid_from"], row["valid_to"]) for row in rows] == [
        ("team_search", "", str(fact.start_date)),
        ("team_growth", str(fact.start_date), ""),
    ]


def test_new_project_has_no_use_before_its_day(company: Company) -> None:
    _, truth = company
    fact = _one(truth, "new_project")
    used = truth.usage.loc[truth.usage["project_id"] == fact.subject_id, "usage_date"]
    assert used.min() >= fact.start_date


def test_refund_is_booked_after_the_day_it_is_for(company: Company) -> None:
    _, truth = company
    fact = _one(truth, "late_refund")
    (line,) = truth.charges[truth.charges["charge_category"] == "Credit"].itertuples()
    assert (line.charge_date, line.billed_cost_usd) == (fact.start_date, Decimal(fact.expected["billed_cost_usd"]))
    assert line.billed_cost_usd < 0
    assert line.billing_month == fact.end_date.replace(day=1)


def test_prices_change_inside_the_window(long_company: Company) -> None:
    _, truth = long_company
    changes = {(fact.subject_id, fact.start_date) for fact in truth.facts("price_change")}
    assert ("gpt-5.6-luna", date(2026, 7, 30)) in changes
    assert ("gpt-5.6-sol", date(2026, 8, 21)) in changes
    assert ("claude-sonnet-4-6", date(2026, 3, 13)) in changes
    assert truth.usage["model"].nunique() == 21
    assert truth.usage["user_id"].nunique() == 40


def _spend(folder: Path, truth: GroundTruth) -> pd.DataFrame:
    """day, provider, project, team, amount: billed where a bill covers provider and day, else contracted."""
    ownership = list(csv.DictReader((folder / "org" / "ownership.csv").open()))
    centers = {row["team_id"]: row["cost_center_id"] for row in csv.DictReader((folder / "org" / "teams.csv").open())}
    parents = {
        row["cost_center_id"]: row["parent_cost_center_id"]
        for row in csv.DictReader((folder / "org" / "cost_centers.csv").open())
    }
    by_subject: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in ownership:
        by_subject[row["subject_id"]].append(row)
    charges = truth.charges[["charge_date", "provider_id", "sub_account_id", "billed_cost_usd"]].set_axis(
        ["day", "provider", "subject", "amount"], axis=1
    )
    covered = set(zip(charges["provider"], charges["day"], strict=True))
    usage = truth.usage[truth.usage["is_logged"] & truth.usage["contracted_cost_usd"].notna()]
    rest = usage[["usage_date", "provider_id", "api_key_id", "contracted_cost_usd"]].set_axis(charges.columns, axis=1)
    is_covered = [pair in covered for pair in zip(rest["provider"], rest["day"], strict=True)]
    spend = pd.concat([charges, rest[[not one for one in is_covered]]], ignore_index=True)
    owners = [
        next(
            (
                row
                for row in by_subject.get(subject or "", [])
                if (row["valid_from"] or "0") <= str(day) < (row["valid_to"] or "9")
            ),
            {},
        )
        for subject, day in zip(spend["subject"], spend["day"], strict=True)
    ]
    spend["team"] = [owner.get("team_id") for owner in owners]
    spend["project"] = [owner.get("project_id") for owner in owners]
    places = []
    for team in spend["team"]:
        place, above = centers.get(team), set()
        while place:
            above.add(place)
            place = parents[place]
        places.append(above)
    spend["centers"] = places
    return spend


def _metered(truth: GroundTruth) -> pd.DataFrame:
    """day, hour, user, feature, amount: every request at its contracted price."""
    requests = truth.requests()
    spent = requests[requests["contracted_cost_usd"].notna()]
    moment = spent["requested_at_utc"]
    return pd.DataFrame(
        {
            "day": moment.dt.date,
            "hour": moment.dt.floor("h"),
            "user": spent["user_id"],
            "feature": spent["feature"],
            "amount": spent["contracted_cost_usd"],
        }
    )


def _tagged(truth: GroundTruth, folder: Path, tag: str) -> pd.DataFrame:
    """day, amount of the charges on Azure's bills that carry a tag: its subscriptions are of one project each."""
    name, _, project = tag.partition("=")
    owned = csv.DictReader((folder / "org" / "ownership.csv").open())
    accounts = {row["subject_id"] for row in owned if row["project_id"] == project and row["subject_type"] == "account"}
    bills = (folder / "billing" / "azure").rglob("*.csv")
    tagged = {
        row["SubscriptionId"]
        for path in bills
        for row in csv.DictReader(path.open())
        if f'"{name}": "{project}"' in row["Tags"]
    }
    assert tagged == accounts, "all charges of the project carry the tag, and no others"
    charges = truth.charges[truth.charges["sub_account_id"].isin(accounts) & (truth.charges["provider_id"] == "azure")]
    return charges[["charge_date", "billed_cost_usd"]].set_axis(["day", "amount"], axis=1)


def _highest_ratios(spend: pd.DataFrame, budget: dict[str, str]) -> dict[date, float]:
    """Utilisation at the end of each period of a budget."""
    kind, scope = budget["scope_type"], budget["scope_id"]
    if kind == "cost_center":
        own = spend[[scope in centers for centers in spend["centers"]]]
    elif kind in ("global", "tag"):
        own = spend
    else:
        own = spend[spend[kind] == scope]
    starts: dict[date, Decimal] = defaultdict(Decimal)
    if budget["period"] == "hour":
        return {
            hour: float(amount / Decimal(budget["amount_usd"]))
            for hour, amount in own.groupby("hour")["amount"].sum().items()
        }
    length = {"month": 1, "quarter": 3, "year": 12}[budget["period"]]
    for day, amount in zip(own["day"], own["amount"], strict=True):
        if str(day) >= budget["valid_from"]:
            starts[day.replace(month=(day.month - 1) // length * length + 1, day=1)] += amount
    return {start: float(amount / Decimal(budget["amount_usd"])) for start, amount in starts.items()}


@pytest.mark.parametrize(
    "last",
    [
        date(2026, 11, 21),
        date(2026, 11, 1),
        date(2026, 10, 3),
        date(2026, 12, 31),
        date(2027, 1, 2),
        date(2026, 3, 1),
        date(2024, 2, 29),
    ],
    ids=str,
)
def test_exactly_one_budget_is_crossed_in_the_last_week(tmp_path: Path, last: date) -> None:
    truth = generate(tmp_path, last_date=last, days=45, scale=0.05)
    spend, metered = _spend(tmp_path, truth), _metered(truth)
    fact = _one(truth, "budget_crossing")
    scopes = set()
    for budget in csv.DictReader((tmp_path / "org" / "budgets.csv").open()):
        scopes.add((budget["scope_type"], budget["period"]))
        source = spend
        if budget["scope_type"] in ("user", "feature") or budget["period"] == "hour":
            source = metered
        if budget["scope_type"] == "tag":
            source = _tagged(truth, tmp_path, budget["scope_id"])
        ratios = _highest_ratios(source, budget)
        if budget["budget_id"] != fact.subject_id:
            assert max(ratios.values(), default=0) < 0.5, budget
            continue
        assert max(ratios.values()) > 1
        before = _highest_ratios(spend[spend["day"] < fact.start_date], budget)
        assert max(before.values(), default=0) < 1
        through = _highest_ratios(spend[spend["day"] <= fact.start_date], budget)
        assert max(through.values()) > 1
        assert last - timedelta(days=7) < fact.start_date <= last
        assert _one(truth, "runaway_agent").start_date == last - timedelta(days=3)
    assert {
        ("user", "month"),
        ("feature", "month"),
        ("tag", "month"),
        ("global", "hour"),
        ("project", "quarter"),
    } < scopes


def test_own_costs_are_small_beside_the_bills_and_of_every_behaviour(company: Company) -> None:
    folder, truth = company
    items = list(csv.DictReader((folder / "org" / "tco_items.csv").open()))
    assert {item["cost_behavior"] for item in items} == {"fixed", "variable", "semi_variable", "one_time"}
    month = float(truth.charges["billed_cost_usd"].sum()) * 30 / 40
    for item in items:
        amount = float(item["amount"] or 0) / int(item["amortization_months"] or 1)
        assert amount < month / 10, item
    rule = [
        row
        for row in csv.DictReader((folder / "org" / "allocation_rules.csv").open())
        if row["account_id"].startswith("tco:")
    ]
    assert {row["account_id"] for row in rule} == {
        f"tco:{item['item_id']}" for item in items if item["driver"] == "percent_of_spend"
    }
    assert sum(int(row["percent"]) for row in rule) == 100
