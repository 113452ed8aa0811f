"""The same charges with and without the name of an account or a currency, and questions that later files answer."""

from __future__ import annotations

import pytest

from ingestion.landing.delivery_rules import DeliveryRules, Rule
from ingestion.landing.registry import RegisteredFile
from ingestion.sources.billing.manifests import Manifests
from ingestion.sources.billing.restatements import Restatements
from tests.unit.ingestion.billing.landed import asked, gone, registered

NAMED = ("a>s|2026-06|1-10", "a>t|2026-06|1-10")
ONE, OTHER = "f/bill.csv", "f/bill (1).csv"


def bill(path: str, day: int, *scopes: str, **said: str) -> RegisteredFile:
    """Its rows of every scope charge for the things 1 and 2."""
    amount, currency = said.get("amount"), said.get("currency", "USD")
    return registered(path, day, *scopes, provider="V", sample=(1, 2), amount=amount, currency=currency)


@pytest.mark.parametrize("days", [(1, 2), (2, 1)])
def test_an_export_without_the_column_of_sub_accounts_counts_once_with_them(days: tuple[int, int]) -> None:
    files = [bill(ONE, days[0], *NAMED), bill(OTHER, days[1], "a|2026-06|1-10x2")]
    assert gone(files) == {(OTHER, "", "2026-06", "1-10")}
    assert ["names no sub account, and both hold the same charges" in each for each in asked(files)] == [True]


def test_a_stream_that_goes_on_without_sub_accounts_replaces_and_one_of_its_own_days_adds() -> None:
    before, after = bill("f/b-2026-06-10.csv", 10, *NAMED), bill("f/b-2026-06-20.csv", 20, "a|2026-06|1-20x2")
    assert gone([before, after]) == {(before.path, each, "2026-06", "1-10") for each in ("s", "t")}
    wider = bill(OTHER, 20, "a|2026-06|1-20x2")
    assert gone([bill(ONE, 10, *NAMED), wider]) == {(OTHER, "", "2026-06", "1-10")}


def test_a_nameless_bill_beside_a_named_one_counts_once_where_they_are_surely_the_same() -> None:
    named = bill(ONE, 2, "a>s|2026-06|1-10")
    for day in (1, 3):
        assert gone([bill(OTHER, day, ">s|2026-06|1-10"), named]) == {(OTHER, "s", "2026-06", "1-10")}
        assert gone([bill("g/x.csv", day, "|2026-06|1-10"), named]) == {("g/x.csv", "", "2026-06", "1-10")}
    dearer = bill(OTHER, 3, "|2026-06|1-10", amount="11")
    assert gone([named, dearer]) == {(OTHER, "", "2026-06", "1-10")}
    grown = bill(OTHER, 3, "b>s|2026-06|1-20")
    assert gone([bill(ONE, 2, "|2026-06|1-10"), grown]) == {(ONE, "", "2026-06", "1-10")}
    elsewhere = bill("g/x.csv", 3, "|2026-06|1-10", amount="11")
    assert (gone([named, elsewhere]), asked([named, elsewhere])) == (set(), [])


def test_an_export_of_a_dashboard_without_its_groups_counts_once() -> None:
    day = "2026-06-05"
    grouped = registered("openai/a.csv", 2, f"org|{day}|1-1x2", source_format="openai", sample=(1, 2), amount="9.5")
    sums = registered("openai/b.csv", 3, f"|{day}|1-1", source_format="openai", sample=(3,), amount="9.5")
    assert gone([grouped, sums]) == {("openai/b.csv", "", day, "1")}
    other = registered("openai/b.csv", 3, f"|{day}|1-1", source_format="openai", sample=(3,), amount="9.4")
    assert gone([grouped, other]) == set()


def test_charges_without_a_currency_stand_behind_those_that_say_it() -> None:
    files = [bill(ONE, 1, "a>s|2026-06|1-10"), bill(OTHER, 2, "a>s|2026-06|1-10", currency="")]
    assert gone(files) == {(OTHER, "s", "2026-06", "1-10")}
    assert "it names no currency" in asked(files)[0]


def test_fees_without_a_sub_account_add_to_the_usage_of_sub_accounts() -> None:
    fees = registered(OTHER, 2, "a|2026-06|1-1", provider="V", sample=(9,))
    assert (gone([bill(ONE, 1, *NAMED), fees]), asked([bill(ONE, 1, *NAMED), fees])) == (set(), [])


def test_what_is_said_of_both_in_deliveries_yml_decides() -> None:
    files = [bill(ONE, 1, *NAMED), bill(OTHER, 2, "a|2026-06|1-10x2")]
    rules = [Rule(OTHER, "replaces", ONE)]
    assert gone(files, rules=rules) == {(ONE, each, "2026-06", "1-10") for each in ("s", "t")}
    assert gone(files, rules=[Rule(OTHER, "adds")]) == set()
    assert asked(files, rules=rules) == []


def test_what_a_later_file_has_settled_is_asked_no_more() -> None:
    one = registered("f/inference.csv", 1, "a>s|2026-06|1-9", sample=(1,))
    two = registered("f/storage.csv", 2, "a>s|2026-06|1-9", sample=(2,))
    both = registered("f/all.csv", 3, "a>s|2026-06|1-9x2", sample=(1, 2))
    assert len(asked([one, two])) == 1
    assert asked([one, two, both]) == []
    found = Restatements(Manifests(), DeliveryRules())
    found.find([one, two, both])
    assert [note.kind for note in found.notes] == []


def test_a_run_that_broke_off_is_named_until_a_whole_one_follows() -> None:
    parts = [registered(f"f/june-part-{part}-of-2.csv", 1, "a>s|2026-06|1-5") for part in (1, 2)]
    broken = registered("f/june-part-1-of-3.csv", 2, "a>s|2026-06|1-6")
    whole = registered("f/all.csv", 3, "a>s|2026-06|1-7x2")
    assert "part 2 of 3 is missing" in asked([*parts, broken])[0]
    assert asked([*parts, broken, whole]) == []


@pytest.mark.parametrize(
    ("rounded", "exact", "is_one"),
    [
        ("1.23457E+11", "123456789012", True),
        ("1,23457E+11", "123456789012", True),
        ("1.2E+11", "123456789012", True),
        ("1.23457E+11", "123956789012", False),
        ("1.23457E+11", "bill-account", False),
    ],
)
def test_an_account_that_a_spreadsheet_rounded_is_the_one_it_may_be(rounded: str, exact: str, is_one: bool) -> None:
    for name in (OTHER, "again/june.csv"):
        files = [bill(ONE, 1, f"{rounded}>{rounded}|2026-06|1-10"), bill(name, 2, f"{exact}>{exact}|2026-06|1-10")]
        assert gone(files) == ({(ONE, rounded, "2026-06", "1-10")} if is_one else set())
        assert len(asked(files)) == is_one
