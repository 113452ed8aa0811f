"""Rules that share what no team of the sample company owns, and what they should come to.

Put here: rows of `allocation_rules.csv` and their planted facts. Keep out: ownership (`org`).
"""

from __future__ import annotations

import pandas as pd

from ingestion.demo.company.company import AWS_PAYER_ACCOUNT, KEY_NUMBER
from ingestion.demo.company.dates import Calendar
from ingestion.demo.company.own_costs import RESELLER, RESELLER_PERCENTAGES
from ingestion.demo.company.text import decimal_text
from ingestion.demo.company.truth import PlantedFact

SANDBOX_RULE, SUPPORT_RULE, OVERHEAD_RULE = "share-sandbox", "aws-support", "platform-overhead"
RESELLER_RULE = "share-reseller-fee"
SUPPORT_PERCENTAGES = {"cc-210": 60, "cc-220": 40}
SANDBOX_KEY = "gsk_sandbox"
SANDBOX_TEAMS = ("team_platform", "team_search", "team_data")
OVERHEAD_PCT = 20
OVERHEAD_BEARER, OVERHEAD_RECOVERED_BY = "cc-221", "cc-111"


RULE_COLUMNS = (
    *(
        "rule_id",
        "rule_name",
        "method",
        "provider_name",
        "account_id",
        "api_key_id",
        "source_type",
        "source_id",
        "basis",
    ),
    *("basis_source", "basis_period", "target_type", "target_id", "percent"),
)


def rule_rows() -> list[list[object]]:
    """Rows of `allocation_rules.csv`, by `RULE_COLUMNS` and always valid.

    A key is shared by the tokens of three teams, a support plan and a reseller's fee by percentages, and Growth pays
    Platform a rate.
    """
    sandbox: dict[str, object] = {
        "rule_id": SANDBOX_RULE,
        "rule_name": "Sandbox, by tokens",
        "method": "proportional",
        "provider_name": "groq",
    }
    sandbox |= {"api_key_id": SANDBOX_KEY, "basis": "total_tokens", "basis_source": "all", "basis_period": "month"}
    support: dict[str, object] = {"rule_id": SUPPORT_RULE, "rule_name": "AWS support plan", "method": "fixed_percent"}
    support |= {"provider_name": "aws", "account_id": AWS_PAYER_ACCOUNT}
    reseller: dict[str, object] = {"rule_id": RESELLER_RULE, "rule_name": "Reseller fee", "method": "fixed_percent"}
    reseller |= {"account_id": f"tco:{RESELLER}"}
    overhead: dict[str, object] = {"rule_id": OVERHEAD_RULE, "rule_name": "Platform overhead", "method": "overhead"}
    overhead |= {"source_type": "cost_center", "source_id": OVERHEAD_BEARER}
    rows: list[dict[str, object]] = [
        *(sandbox | {"target_type": "team", "target_id": team} for team in SANDBOX_TEAMS),
        *(
            {**support, "target_type": "cost_center", "target_id": center, "percent": percent}
            for center, percent in SUPPORT_PERCENTAGES.items()
        ),
        *(
            {**reseller, "target_type": "cost_center", "target_id": center, "percent": percent}
            for center, percent in RESELLER_PERCENTAGES.items()
        ),
        {**overhead, "target_type": "cost_center", "target_id": OVERHEAD_RECOVERED_BY, "percent": OVERHEAD_PCT},
    ]
    return [[*(row.get(column) for column in RULE_COLUMNS), None, None] for row in rows]


def allocation_facts(requests: pd.DataFrame, lines: pd.DataFrame, calendar: Calendar) -> list[PlantedFact]:
    """What the rules should be seen to do."""
    fees = lines[lines["kind"].isin(("support", "tax"))]
    sandbox = requests[(requests["key"] == KEY_NUMBER[SANDBOX_KEY]) & (requests["contracted_pico"] > 0)]
    return [
        PlantedFact(
            "shared_key",
            calendar.first,
            calendar.last,
            "allocation_rule",
            SANDBOX_RULE,
            "What the sandbox key costs is shared by three teams in proportion to their tokens of the month.",
            {
                "contracted_cost_usd": decimal_text(int(sandbox["contracted_pico"].sum()), 12),
                "team_ids": list(SANDBOX_TEAMS),
            },
        ),
        PlantedFact(
            "shared_fee",
            calendar.first,
            calendar.last,
            "allocation_rule",
            SUPPORT_RULE,
            "The AWS support plan and its tax are shared by fixed percentages.",
            {"billed_cost_usd": decimal_text(int(fees["billed_pico"].sum())), "percentages": SUPPORT_PERCENTAGES},
        ),
        PlantedFact(
            "overhead",
            calendar.first,
            calendar.last,
            "allocation_rule",
            OVERHEAD_RULE,
            "Growth pays Platform a rate on everything it carries.",
            {"percent": OVERHEAD_PCT, "borne_by": OVERHEAD_BEARER, "recovered_by": OVERHEAD_RECOVERED_BY},
        ),
    ]
