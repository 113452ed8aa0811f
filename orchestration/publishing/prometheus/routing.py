"""A start for Alertmanager's file: what is one problem is one message, and who hears of what.

Put here: groups, routes and receivers by severity. Keep out: rules; addresses, which nobody but their owner writes.
"""

from __future__ import annotations

from typing import Any

import yaml

SAME_PROBLEM = ("alertname", "budget_id", "tenant_id", "host")
"""Labels that tell problems apart."""
RECEIVERS = {"critical": "costs-critical", "warning": "costs-warning"}
"""By severity."""


def routing_file() -> str:
    """`alertmanager.yml` with receivers that have no address yet.

    One group a problem, repeated once a day while it lasts, no warning of a budget beside its being passed.
    """
    routes: list[dict[str, Any]] = [
        {"receiver": name, "matchers": [f'severity="{severity}"']} for severity, name in RECEIVERS.items()
    ]
    content = {
        "route": {
            "receiver": RECEIVERS["warning"],
            "group_by": list(SAME_PROBLEM),
            "group_wait": "30s",
            "group_interval": "5m",
            "repeat_interval": "24h",
            "routes": routes,
        },
        "inhibit_rules": [
            {
                "source_matchers": ['alertname="BudgetExceeded"'],
                "target_matchers": ['alertname=~"BudgetWarning|ForecastOverBudget"'],
                "equal": ["budget_id"],
            }
        ],
        "receivers": [{"name": name} for name in RECEIVERS.values()],
    }
    ways = "email_configs, slack_configs, pagerduty_configs, webhook_configs"
    said = yaml.safe_dump(content, sort_keys=False, width=1000)
    return f"# Give each receiver its way to tell people: {ways}.\n{said}"
