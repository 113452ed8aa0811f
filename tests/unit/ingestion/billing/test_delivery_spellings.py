"""Deliveries of one bill whose exporter changed how it names vendors and accounts, and those that lose money."""

from __future__ import annotations

import pytest

from ingestion.vocabulary.vendors import one_vendor
from tests.unit.ingestion.billing.landed import asked, gone, registered
from tests.unit.ingestion.billing.test_restated import told


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("AWS", "Amazon Web Services"),
        ("AWS", "Amazon Web Services, Inc."),
        ("OpenAI", "OpenAI, LLC"),
        ("Google Cloud", "GCP"),
        ("Microsoft", "Microsoft Azure"),
        ("Mistral AI SAS", "mistral ai"),
    ],
)
def test_a_vendor_is_one_however_exporters_spell_it(before: str, after: str) -> None:
    files = [
        registered("focus/a/bill-2026-06-10.csv", 10, "a>s|2026-06|1-10", provider=before, issuer=before),
        registered("focus/a/bill-2026-06-20.csv", 20, "a>s|2026-06|1-20", provider=after, issuer=after),
    ]
    assert gone(files) == {(files[0].path, "s", "2026-06", "1-10")}
    assert asked(files) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Vendor One", "Vendor Two"),
        ("Amazon Web Services, Inc.", "Amazon Web Services EMEA SARL"),
        ("OpenAI", "Azure OpenAI"),
        ("Limited", "Inc"),
    ],
)
def test_vendors_that_are_two_stay_two(one: str, other: str) -> None:
    assert one_vendor(one) != one_vendor(other)


def test_an_account_behind_the_name_of_its_collection_is_the_account() -> None:
    files = [
        registered("focus/g/bill-2026-06-10.csv", 10, "01A-02B|2026-06|1-10", provider="Google Cloud"),
        registered("focus/g/bill-2026-06-20.csv", 20, "billingAccounts/01A-02B|2026-06|1-20", provider="Google Cloud"),
    ]
    assert gone(files) == {(files[0].path, "", "2026-06", "1-10")}
    number = [
        registered("focus/w/bill-2026-06-10.csv", 10, "012345678901>1|2026-06|1-10", provider="AWS"),
        registered("focus/w/bill-2026-06-20.csv", 20, "12345678901.0>1.0|2026-06|1-20", provider="AWS"),
    ]
    assert gone(number) == {(number[0].path, "1", "2026-06", "1-10")}


def test_a_bill_that_begins_to_name_its_account_counts_once_and_is_asked_about() -> None:
    old = registered("focus/n/bill-2026-06-10.csv", 10, ">s|2026-06|1-10", provider="V", sample=(1, 2))
    new = registered("focus/n/bill-2026-06-20.csv", 20, "a>s|2026-06|1-20", provider="V", sample=(1, 2, 3))
    assert gone([old, new]) == {(old.path, "s", "2026-06", "1-10")}
    assert "names no billing account" in asked([old, new])[0]
    other = registered("focus/n/bill-2026-06-20.csv", 20, "a>s|2026-06|1-20", provider="V", sample=(4, 5))
    assert gone([old, other]) == set()


def test_charges_that_are_gone_with_half_of_the_money_are_asked_about() -> None:
    old = registered("f/x-2026-06-10.csv", 10, "a>s|2026-06|1-10x2", sample=(1, 2), amount="60")
    less = registered("f/x-2026-06-11.csv", 11, "a>s|2026-06|1-10", sample=(1,), amount="10")
    assert gone([old, less]) == {(less.path, "s", "2026-06", "1-10")}
    assert "half of its amount" in asked([old, less])[0]
    once = registered(
        "azure/once/20260601-20260605/202606110400/part_0.csv", 11, "a>s|2026-06|1-5", sample=(1,), amount="6"
    )
    whole = registered("azure/mtd/20260601-20260630/202606100400/part_0.csv", 10, "a>s|2026-06|1-30", sample=(1, 2))
    assert gone([whole, once]) == {(whole.path, "s", "2026-06", "1-5")}
    same_rows = registered("f/x-2026-06-11.csv", 11, "a>s|2026-06|1-10x2", sample=(1, 2), amount="10")
    assert gone([old, same_rows]) == {(old.path, "s", "2026-06", "1-10")}
    credited = registered("f/x-2026-06-11.csv", 11, "a>s|2026-06|1-10x3", sample=(1, 2, 3), amount="0")
    assert gone([old, credited]) == {(old.path, "s", "2026-06", "1-10")}


def test_a_month_to_date_that_became_less_is_told() -> None:
    [(message, amount, _)] = told("300.00", "0.00", newer="a|2026-06|1-31")
    assert "300.00 became 0.00 USD" in message
    assert amount == -300


def test_a_bill_without_a_vendor_takes_nothing_where_several_vendors_charge_the_account() -> None:
    one, two = (
        registered(f"focus/{name}.csv", 5, "Our Co>s|2026-06|1-5", provider=name, sample=range(5), amount="10")
        for name in ("One", "Two")
    )
    nameless = registered("focus/more.csv", 9, "Our Co>s|2026-06|1-5", sample=range(5), amount="12")
    assert gone([one, two, nameless]) == {("focus/more.csv", "s", "2026-06", "1-5")}
    questions = asked([one, two, nameless])
    assert len(questions) == 2
    assert all("it names no vendor, and several charge this account" in each for each in questions)
    again = registered("focus/more2.csv", 12, "Our Co>s|2026-06|1-5", sample=range(5), amount="12")
    assert gone([one, nameless]) == {("focus/One.csv", "s", "2026-06", "1-5")}
    assert gone([nameless, again]) == {("focus/more.csv", "s", "2026-06", "1-5")}
