"""Tag keys by the organisation's spellings: who owns, and what is left out where a charge has two values of one key."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.support.warehouse import ScratchWarehouse

MODELS = (
    "provider_aliases tag_key_spellings stg_org__tag_keys int_tag_key_spellings stg_org__ownership stg_org__projects "
    "stg_org__teams stg_org__tco_items stg_org__personnel int_own_cost_items int_ownership int_spend_owners "
    "rpt_tag_conflicts"
).split()
KEYS = {"Custom-Tag": "custom_tag", "CostCentre": "Cost_Center", "user:raw": "custom_tag"}
OWNERS = {"custom_tag=a": "team_a", "custom_tag=b": "team_b", "cost_center=1": "team_1", "Custom-Tag=z": "team_z"}
# Charge: provider, tags as delivered, team by hand.
CHARGES = {
    "by_spelling": ("gcp", '{"Custom-Tag": "a"}', "team_a"),
    "behind_the_prefix": ("aws", '{"user:Custom-Tag": "a"}', "team_a"),
    "as_delivered": ("aws", '{"user:raw": "b"}', "team_b"),
    "azure_has_no_case": ("azure", '{"COSTCENTRE": "1"}', "team_1"),
    "azure_canonical_key": ("azure", '{"cost_CENTER": "1"}', "team_1"),
    "owner_in_the_other_spelling": ("gcp", '{"custom_tag": "z"}', "team_z"),
    "case_differs_elsewhere": ("gcp", '{"custom-tag": "a"}', None),
    "two_values": ("gcp", '{"Custom-Tag": "a", "custom_tag": "b"}', "team_b"),
    "two_spellings": ("aws", '{"user:Custom-Tag": "b", "user:raw": "a"}', "team_b"),
    "one_value_twice": ("gcp", '{"Custom-Tag": "a", "custom_tag": "a"}', "team_a"),
}


@pytest.fixture(scope="module")
def tagged(tmp_path_factory: pytest.TempPathFactory) -> ScratchWarehouse:
    made = ScratchWarehouse.create(Path(tmp_path_factory.mktemp("tags")))
    made.insert("raw_org.tag_keys", [{"spelling": s, "canonical_key": key} for s, key in KEYS.items()])
    made.insert(
        "raw_org.ownership",
        [{"subject_type": "tag", "subject_id": tag, "team_id": team} for tag, team in OWNERS.items()],
    )
    values = ", ".join(
        f"('{name}', date '2026-03-01', '{provider}', '{tags}', cast(2.5 as decimal(38, 12)))"
        for name, (provider, tags, _) in CHARGES.items()
    )
    lacking = "account_id billing_account_id project_id workspace_id api_key_id team_id".split()
    nulls = ", ".join(f"cast(null as varchar) as {column}" for column in lacking)
    made.execute(
        f"create schema intermediate; create table intermediate.int_spend_items as select *, {nulls} "
        f"from (values {values}) as items (owner_lookup_key, usage_date, provider_id, tags, spend_usd); "
        "create table intermediate.int_allocation_day_fingerprints as "
        "select date '2026-03-01' as usage_date, 'x' as inputs_fingerprint"
    )
    made.dbt("build", "--select", *MODELS, "--exclude", "test_type:unit", "resource_type:test")
    return made


def test_a_charge_belongs_to_the_owner_of_its_tag_however_it_is_spelled(tagged: ScratchWarehouse) -> None:
    found = dict(tagged.rows("select owner_lookup_key, team_id from intermediate.int_spend_owners"))
    assert found == {name: team for name, (_, _, team) in CHARGES.items()}


def test_a_value_that_is_left_out_is_listed_with_what_it_is_about(tagged: ScratchWarehouse) -> None:
    found = tagged.rows(
        "select provider_id, tag_key, kept_tag, left_out_tag, spend_usd from marts.rpt_tag_conflicts order by 1"
    )
    assert found == [
        ("aws", "custom_tag", "user:Custom-Tag=b", "user:raw=a", Decimal("2.5")),
        ("gcp", "custom_tag", "custom_tag=b", "Custom-Tag=a", Decimal("2.5")),
    ]
