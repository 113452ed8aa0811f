"""Cost Explorer on loopback for tests: answers by operation, through botocore and its shape checks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ingestion.api.session import RetryPolicy
from ingestion.config import ApiSettings
from ingestion.sources.aws.explorer import CostExplorer
from tests.support.http_stub import Answer, Asked, Stub, serving

KEYS = {"aws_access_key_id": "AKIAPLANTED", "aws_secret_access_key": "planted-secret-key"}


def operation(asked: Asked) -> str:
    """What was called."""
    return asked.headers["x-amz-target"].rpartition(".")[2]


def failing(code: str, status: int = 400) -> Answer:
    """An error as AWS writes it."""
    return Answer({"__type": code, "message": f"{code} said"}, status)


@contextmanager
def explorer(answer: Callable[[Asked], Answer], **settings: Any) -> Iterator[tuple[CostExplorer, Stub]]:
    """A client of a local endpoint."""
    with serving(answer) as stub:
        api = ApiSettings(aws_cost_explorer_url=stub.url, **KEYS, **settings)
        policy = RetryPolicy(max_attempts=3, base_seconds=0, timeout_seconds=5)
        yield CostExplorer(api, policy=policy), stub


def amount(text: str, unit: str = "USD") -> dict[str, str]:
    return {"Amount": text, "Unit": unit}


def group(keys: list[str], cost: str, usage: str = "1", unit: str = "1K tokens") -> dict[str, Any]:
    metrics = {"UnblendedCost": amount(cost), "AmortizedCost": amount(cost), "UsageQuantity": amount(usage, unit)}
    return {"Keys": keys, "Metrics": metrics}


def result(day: str, end: str, groups: list[Any], *, is_estimated: bool = True, **more: Any) -> dict[str, Any]:
    period = {"Start": day, "End": end}
    return {"TimePeriod": period, "Total": {}, "Groups": groups, "Estimated": is_estimated, **more}


def body(*results: Any, token: str | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {"ResultsByTime": list(results), "DimensionValueAttributes": [], "GroupDefinitions": []}
    return found | ({"NextPageToken": token} if token else {})
