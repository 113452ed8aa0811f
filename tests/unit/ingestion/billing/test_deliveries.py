"""Which delivery of a bill counts, by time, coverage and account."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingestion.landing.delivery_rules import Rule
from ingestion.sources.billing.manifests import Manifest, Manifests
from tests.unit.ingestion.billing.landed import asked, gone, registered


def test_the_newest_month_to_date_delivery_wins() -> None:
    files = [registered(f"focus/2025-09-{day:02}/b.csv", day, f"a>s|2025-09|1-{day}") for day in (3, 4, 5)]
    assert gone(files) == {
        (file.path, "s", "2025-09", file_days) for file, file_days in zip(files, ["1-3", "1-4"], strict=False)
    }
    assert asked(files) == []


def test_other_accounts_months_and_formats_stay() -> None:
    files = [
        registered("focus/one.csv", 3, "a>s|2025-09|1-30"),
        registered("focus/two.csv", 4, "b>s|2025-09|1-30", "a>s|2025-08|1-31", "a>t|2025-09|1-30"),
        registered("azure/three.csv", 5, "c>u|2025-09|1-30", source_format="azure"),
    ]
    assert (gone(files), asked(files)) == (set(), [])


def test_parts_of_one_delivery_add_up_and_replace_the_older_one_together() -> None:
    old = registered("aws_cur/old/cur-00001.csv", 2, "a>s|2025-09|1-30")
    new = [registered(f"aws_cur/new/cur-0000{i}.csv", 3 + i, "a>s|2025-09|1-30") for i in (1, 2)]
    assert gone([old, *new]) == {(old.path, "s", "2025-09", "1-30")}


def test_files_for_single_days_add_up() -> None:
    files = [registered(f"focus/b-2025-09-{day:02}.csv", day, f"a>s|2025-09|{day}-{day}") for day in (1, 2, 3)]
    files.append(registered("focus/again/b-2025-09-02.csv", 9, "a>s|2025-09|2-2"))
    assert gone(files) == {("focus/b-2025-09-02.csv", "s", "2025-09", "2")}


def test_a_correction_of_another_month_does_not_make_two_days_rivals() -> None:
    files = [
        registered("focus/b-2025-09-01.csv", 1, "a>s|2025-09|1-1"),
        registered("focus/b-2025-09-02.csv", 2, "a>s|2025-09|2-2", "a>s|2025-09+|0-0"),
    ]
    assert gone(files) == set()


def test_corrections_go_with_the_bill_that_restates_them_and_stay_beside_one_that_does_not() -> None:
    first = registered("focus/2025-10-02/b.csv", 2, "a>s|2025-10|1-2", "a>t|2025-10+|0-0")
    again = registered("focus/2025-10-03/b.csv", 3, "a>s|2025-10|1-3", "a>t|2025-10+|0-0")
    assert gone([first, again]) == {(first.path, "s", "2025-10", "1-2"), (first.path, "t", "2025-10+", "0")}
    alone = registered("focus/corrections.csv", 9, "a>s|2025-10+|0-0")
    assert gone([first, alone]) == set()


def test_corrections_delivered_twice_count_once_and_are_asked_about() -> None:
    one = registered("focus/c1.csv", 2, "a>s|2025-10+|0-0", sample=(1, 2))
    two = registered("focus/c2.csv", 3, "a>s|2025-10+|0-0", sample=(1, 2), content="other")
    assert gone([one, two]) == {("focus/c2.csv", "s", "2025-10+", "0")}
    (note,) = asked([one, two])
    assert "corrections that the older one has too" in note


def test_a_sub_account_missing_from_the_next_run_goes_only_if_the_run_is_proven_complete() -> None:
    old = registered("focus/x/20250901-20250930/202510010000/p_1.csv", 1, "a>s|2025-09|1-30", "a>t|2025-09|3-3")
    new = registered("focus/x/20250901-20250930/202510020000/p_1.csv", 2, "a>s|2025-09|1-30")
    other = registered("focus/y/20250901-20250930/202510030000/p_1.csv", 3, "a>u|2025-09|1-30")
    assert gone([old, new, other]) == {(new.path, "s", "2025-09", "1-30")}
    assert "it has no row of t" in asked([old, new, other])[0]
    proof = Manifests([Manifest(new.path.replace("p_1.csv", "manifest.json"), None, (new.path,), is_whole_period=True)])
    assert gone([old, new, other], proof) == {(old.path, "s", "2025-09", "1-30"), (old.path, "t", "2025-09", "3")}


def test_an_unproven_narrower_delivery_is_held_on_the_days_both_have() -> None:
    old = registered("focus/june.csv", 1, "a>s|2025-09|1-20")
    new = registered("focus/later.csv", 2, "a>s|2025-09|15-25")
    assert gone([old, new]) == {("focus/later.csv", "s", "2025-09", "15-20")}
    (note,) = asked([old, new])
    for part in (
        "focus/later.csv (11.00 USD)",
        "focus/june.csv (20.00 USD)",
        "deliveries.yml",
        "2025-09-15 to 2025-09-20",
    ):
        assert part in note


def test_a_one_off_export_that_has_every_day_its_folder_names_replaces_those_days() -> None:
    old = registered("azure/mtd/20250901-20250930/202510010400/part_0_0001.csv", 1, "a>s|2025-09|1-30")
    new = registered("azure/once/20250901-20250905/202510050400/part_0_0001.csv", 5, "a>s|2025-09|1-5")
    assert gone([old, new]) == {(old.path, "s", "2025-09", "1-5")}
    short = registered("azure/once/20250901-20250909/202510050400/part_0_0001.csv", 5, "a>s|2025-09|1-5")
    assert gone([old, short]) == {(short.path, "s", "2025-09", "1-5")}


def test_half_the_rows_or_other_charges_are_no_restatement() -> None:
    old = registered("focus/a.csv", 1, "a>s|2025-09|1-30x4", sample=(10, 20))
    few = registered("focus/b.csv", 2, "a>s|2025-09|1-30x1", sample=(10, 20))
    assert gone([old, few]) == {("focus/b.csv", "s", "2025-09", "1-30")}
    assert "30 rows where the older one has 120" in asked([old, few])[0]
    late = registered("focus/b.csv", 2, "a>s|2025-09|1-30x4", sample=(11, 21))
    assert "charge for other things" in asked([old, late])[0]


def test_files_whose_hours_do_not_meet_add_up() -> None:
    one = registered("focus/h1.csv", 1, "a>s|2025-09|1-2", seconds=(1_756_684_800, 1_756_810_800))
    two = registered("focus/h2.csv", 2, "a>s|2025-09|2-3", seconds=(1_756_814_400, 1_756_900_000))
    assert (gone([one, two]), asked([one, two])) == (set(), [])


def test_other_vendors_of_one_account_name_add_up() -> None:
    one = registered("focus/one.csv", 1, "a>s|2025-09|1-5", provider="One")
    two = registered("focus/two.csv", 2, "a>s|2025-09|1-5", provider="Two")
    assert (gone([one, two]), asked([one, two])) == (set(), [])
    issued = registered("focus/three.csv", 3, "a>s|2025-09|1-5", provider="One", issuer="Reseller")
    assert gone([two, issued]) == set()


def test_without_an_account_the_folder_is_the_account() -> None:
    one = registered("focus/x/june.csv", 1, ">|2025-09|1-5", provider="One")
    two = registered("focus/y/june.csv", 2, ">|2025-09|1-5", provider="One")
    again = registered("focus/x/june (1).csv", 3, ">|2025-09|1-5", provider="One")
    assert gone([one, two]) == set()
    assert gone([one, two, again]) == {("focus/x/june.csv", "", "2025-09", "1-5")}


def test_equal_times_are_decided_by_the_last_day_then_rows_and_asked_about_else() -> None:
    files = [registered("focus/b.csv", 3, "a>s|2025-09|1-2"), registered("focus/a.csv", 3, "a>s|2025-09|1-4")]
    assert gone(files) == {("focus/b.csv", "s", "2025-09", "1-2")}
    files = [registered("focus/b.csv", 3, "a>s|2025-09|1-4x1"), registered("focus/a.csv", 3, "a>s|2025-09|1-4x2")]
    assert gone(files) == {("focus/b.csv", "s", "2025-09", "1-4")}
    files = [
        registered("focus/b.csv", 3, "a>s|2025-09|1-4", amount="5", content="1"),
        registered("focus/a.csv", 3, "a>s|2025-09|1-4", amount="6", content="2"),
    ]
    assert gone(files) == {("focus/a.csv", "s", "2025-09", "1-4")}
    assert "same time, last day and number of rows" in asked(files)[0]


def test_one_file_plain_and_compressed_counts_once() -> None:
    pair = [registered(f"focus/bill.csv{suffix}", 1, "a>s|2025-09|1-9", sample=(5,)) for suffix in ("", ".gz")]
    assert len(gone(pair)) == 1
    parts = [
        registered(f"focus/p/part-{n}-of-2.{kind}", 1, f"a>s|2025-09|{n}-{n}")
        for n in (1, 2)
        for kind in ("csv", "parquet")
    ]
    assert {days for _, _, _, days in gone(parts)} == {"1", "2"}
    assert len(gone(parts)) == 2


def test_accounts_are_compared_without_case() -> None:
    one = registered("azure/a.csv", 1, "EA-1>ABC|2025-09|1-9", source_format="azure")
    two = registered("azure/b.csv", 2, "ea-1>abc|2025-09|1-9", source_format="azure")
    assert gone([one, two]) == {("azure/a.csv", "ABC", "2025-09", "1-9")}


def test_bills_without_an_account_in_one_folder_are_asked_about_when_their_amounts_differ() -> None:
    one = registered("openai/costs-a.csv", 1, ">|2025-09|1-9", amount="5")
    two = registered("openai/costs-b.csv", 2, ">|2025-09|1-9", amount="7")
    assert gone([one, two]) == {("openai/costs-b.csv", "", "2025-09", "1-9")}
    assert "neither names an account, and their amounts differ" in asked([one, two])[0]


def test_complete_deliveries_of_one_time_and_size_are_asked_about() -> None:
    month = "azure/e/20250901-20250930"
    runs = [registered(f"{month}/run{n}/a.csv", 1, "a>s|2025-09|1-9", amount=str(n), content=str(n)) for n in (1, 2)]
    manifests = Manifests([Manifest(file.path.replace("a.csv", "manifest.json"), None, (file.path,)) for file in runs])
    assert len(gone(runs, manifests)) == 1
    assert "same time, last day and number of rows" in asked(runs, manifests)[0]


def test_amortised_cost_never_adds_to_actual_cost_and_focus_counts_before_native() -> None:
    actual = registered("azure/actual/a.csv", 1, "a>s|2025-09|1-20", source_format="azure")
    amortized = registered("azure/amortized/a.csv", 2, "a>s|2025-09|10-25", source_format="azure")
    assert gone([actual, amortized]) == {("azure/amortized/a.csv", "s", "2025-09", "10-20")}
    assert "the same money twice" in asked([actual, amortized])[0]
    focus = registered("focus/a.csv", 3, "/x/a>/subscriptions/S|2025-09|1-30", provider="Microsoft")
    assert gone([actual, focus]) == {("azure/actual/a.csv", "s", "2025-09", "1-20")}


def test_a_subscription_under_two_agreements_and_a_bill_in_two_currencies_both_count_and_are_asked_about() -> None:
    one = registered("azure/a.csv", 1, "ea>s|2025-09|1-20", source_format="azure")
    two = registered("azure/b.csv", 2, "mca>s|2025-09|20-30", source_format="azure")
    assert gone([one, two]) == set()
    (note,) = asked([one, two])
    assert "s is billed under ea and under mca" in note
    assert "both count for now" in note
    euro = registered("azure/c.csv", 3, "ea>s|2025-09|1-20", source_format="azure", currency="EUR")
    assert gone([one, euro]) == set()
    assert "billed in USD and EUR" in asked([one, euro])[0]


def test_rules_decide() -> None:
    old = registered("focus/june.csv", 1, "a>s|2025-09|1-20")
    new = registered("focus/once.csv", 2, "a>s|2025-09|15-25")
    held = {("focus/once.csv", "s", "2025-09", "15-20")}
    assert gone([old, new]) == held
    assert gone([old, new], rules=[Rule("focus/once*", "adds")]) == set()
    assert gone([old, new], rules=[Rule("focus/once*", "replaces", "focus/june.csv")]) == {
        ("focus/june.csv", "s", "2025-09", "15-20")
    }
    assert gone([old, new], rules=[Rule("focus/once*", "ignore")]) == {("focus/once.csv", "s", "2025-09", "15-25")}
    assert gone([old, new], rules=[Rule("focus/once*", "adds", "focus/other*")]) == held
    assert asked([old, new], rules=[Rule("focus/once*", "adds")]) == []


def test_a_file_by_the_month_replaces_every_day_that_its_rows_charge() -> None:
    """Its rows begin on the first day, and charge thirty."""
    daily = registered("focus/june.csv", 1, "a>s|2025-09|1-20")
    monthly = registered("focus/once.csv", 2, "a>s|2025-09|1-1", amount="20", reach=30)
    assert gone([daily, monthly]) == {("focus/once.csv", "s", "2025-09", "1")}
    assert "lacks days" in asked([daily, monthly])[0]
    replaced = gone([daily, monthly], rules=[Rule("focus/once*", "replaces", "focus/june.csv")])
    assert replaced == {("focus/june.csv", "s", "2025-09", "1-20")}


@pytest.mark.parametrize("is_monthly_newer", [True, False])
def test_days_that_one_charges_by_the_month_and_another_by_the_day_are_asked_about(is_monthly_newer: bool) -> None:
    daily = registered("focus/a.csv", 1 if is_monthly_newer else 2, "a>s|2025-09|10-30")
    monthly = registered("focus/b.csv", 2 if is_monthly_newer else 1, "a>s|2025-09|1-1", reach=30)
    other = registered("focus/b.csv", 2 if is_monthly_newer else 1, "a>t|2025-09|1-1", reach=30)
    assert gone([daily, monthly]) == set()
    (question,) = asked([daily, monthly])
    assert "for many days each, which the other charges too" in question
    assert "2025-09-10 to 2025-09-30" in question
    assert asked([daily, other]) == []


def test_oci_files_never_replace_one_another() -> None:
    files = [
        registered("oci/a.csv", 1, source_format="oci", lines=None),
        registered("oci/b.csv", 2, source_format="oci", lines=None),
    ]
    assert gone(files) == set()


def test_an_account_is_one_however_exporters_spell_it() -> None:
    path = "/providers/Microsoft.Billing/billingAccounts/12/>/subscriptions/ABC"
    azure = [
        registered("focus/az/2026-06-10/june.csv", 10, "12>abc|2026-06|1-30", provider="Microsoft"),
        registered("focus/az/2026-06-11/june.csv", 11, f"{path}|2026-06|1-30", provider="Microsoft"),
    ]
    assert gone(azure) == {(azure[0].path, "abc", "2026-06", "1-30")}
    assert asked(azure) == []
    zeros = [
        registered("aws_cur/r/r-00001.csv", 10, "099999999999>011111111111|2026-06|1-30", source_format="aws_cur"),
        registered("focus/aws/june.csv", 11, "99999999999>11111111111|2026-06|1-30", provider="Amazon Web Services"),
    ]
    assert gone(zeros) == {(zeros[0].path, "011111111111", "2026-06", "1-30")}
    others = [
        registered("focus/one/june.csv", 10, "12>7|2026-06|1-30", provider="Vendor"),
        registered("focus/two/june.csv", 11, "012>07|2026-06|1-30", provider="Vendor"),
    ]
    assert gone(others) == set()


def test_a_renamed_sub_account_is_replaced_under_its_old_name_and_asked_about() -> None:
    old = registered("focus/b-2025-09-15.csv", 15, "a>s|2025-09|1-15", "a>t|2025-09|1-15", sample=(1, 2))
    new = registered("focus/b-2025-09-30.csv", 30, "a>new|2025-09|1-30", "a>t|2025-09|1-30", sample=(1, 2, 3))
    assert gone([old, new]) == {(old.path, "s", "2025-09", "1-15"), (old.path, "t", "2025-09", "1-15")}
    (note,) = asked([old, new])
    assert "it charges as new USD what the older one charges as s USD" in note
    assert f"{new.path} counts for now" in note
    assert gone([old, new], rules=[Rule(match=new.path, over=old.path, then="adds")]) == set()


def test_another_sub_account_is_no_renamed_one() -> None:
    """Other rows, other days, two that could be meant, or a file of another stream."""
    old = registered("focus/b-2025-09-15.csv", 15, "a>s|2025-09|1-15", sample=(1, 2))
    path = "focus/b-2025-09-30.csv"
    others = [
        registered(path, 30, "a>new|2025-09|1-30", sample=(7, 8)),
        registered(path, 30, "a>new|2025-09|2-30", sample=(1, 2)),
        registered(path, 30, "a>new|2025-09|1-30x2", sample=(1, 2)),
        registered(path, 30, "a>new|2025-09|1-30", "a>newer|2025-09|1-30", sample=(1, 2)),
        registered("focus/other.csv", 30, "a>new|2025-09|1-30", sample=(1, 2)),
    ]
    assert [(gone([old, other]), asked([old, other])) for other in others] == [(set(), [])] * len(others)


def test_an_export_that_changes_from_actual_to_amortised_counts_in_one_kind_and_is_asked_about() -> None:
    """300 up front and nothing more in the first half of the month; then 10 a day, for all of it."""
    actual = registered("azure/exp-actual/20260601-20260630/202606160400/p.csv", 16, "b>s|2026-06|1-15", amount="300")
    amortised = registered("azure/exp-amortized/20260601-20260630/202607010400/p.csv", 17, "b>s|2026-06|1-30")
    files = [replace(each, source_format="azure") for each in (actual, amortised)]
    assert gone(files) == {(actual.path, "s", "2026-06", "1-15")}
    (note,) = asked(files)
    assert "azure/exp-amortized/20260601-20260630/202607010400/p.csv counts for now" in note
    for pattern, left_out in (("azure/exp-amortized/*", amortised), ("azure/exp-actual/*", actual)):
        assert f"{{match: {pattern}, then: ignore}}" in note
        rules = [Rule(match=pattern, then="ignore")]
        assert {path for path, *_ in gone(files, rules=rules)} == {left_out.path}
        assert asked(files, rules=rules) == []


def test_actual_counts_while_both_kinds_go_on_and_days_told_in_two_kinds_are_asked_about() -> None:
    actual = registered("azure/x-actual/r/p.csv", 16, "b>s|2026-06|1-15", source_format="azure")
    behind = registered("azure/x-amortized/r/p.csv", 17, "b>s|2026-06|1-17", source_format="azure")
    assert gone([actual, behind]) == {(behind.path, "s", "2026-06", "1-15")}
    later = registered("azure/x-amortized/r/p.csv", 17, "b>s|2026-06|16-30", source_format="azure")
    assert gone([actual, later]) == set()
    (note,) = asked([actual, later])
    assert "what is paid up front may count twice. both count for now" in note


def test_a_stream_that_changes_account_issuer_or_currency_counts_once_and_is_asked_about() -> None:
    """What the newer delivery of a stream holds in whole under another name is the older one's again."""
    old = registered("focus/b-2025-09-15.csv", 15, "a>s|2025-09|1-15", sample=(1, 2), issuer="Acme")
    path = "focus/b-2025-09-30.csv"
    for new, said in (
        (registered(path, 30, "b>s|2025-09|1-30", sample=(1, 2), issuer="Acme"), "to b what the older one"),
        (registered(path, 30, "a>s|2025-09|1-30", sample=(1, 2), issuer="Reseller"), "by Reseller what the older one"),
        (registered(path, 30, "a>s|2025-09|1-30", sample=(1, 2), issuer="Acme", currency="EUR"), "in USD and EUR"),
    ):
        assert gone([old, new]) == {(old.path, "s", "2025-09", "1-15")}
        (note,) = asked([old, new])
        assert said in note
        assert f"{path} counts for now" in note
