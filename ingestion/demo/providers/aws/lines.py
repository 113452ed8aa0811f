"""The sample company's AWS bill as Cost Explorer knows it: dimensions, tags and filters.

Put here: columns and conditions. Keep out: answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ingestion.demo.company.bills.line import PROJECT_OF_SUB_ACCOUNT
from ingestion.demo.company.company import AWS_PAYER_ACCOUNT
from ingestion.demo.company.models import MODELS
from ingestion.demo.providers.conditions import every, negated, passing, some
from ingestion.demo.providers.endpoint import Refusal
from ingestion.demo.providers.ledger import ChargeRows, Chosen, Dimension, texts
from ingestion.demo.providers.state import Simulator

DIMENSIONS = (
    "SERVICE",
    "SERVICE_CODE",
    "USAGE_TYPE",
    "OPERATION",
    "LINKED_ACCOUNT",
    "LINKED_ACCOUNT_NAME",
    "PAYER_ACCOUNT",
    "RECORD_TYPE",
    "REGION",
    "LEGAL_ENTITY_NAME",
)
_METERS = {
    "uncached_input": "input-tokens",
    "cache_read": "cache-read-input-token-count",
    "cache_write": "cache-write-input-token-count",
    "output": "output-tokens",
}
_SKUS = {model.raw_name: model.sku for model in MODELS}
_RECORD_TYPES = {"tokens": "Usage", "support": "Fee", "tax": "Tax"}
TOKEN_UNIT = "1K tokens"
SUPPORT = "AWS Support (Business)"
NO_VALUE = "NoValue"


def usage_type(model: str | None, meter: str | None, kind: str) -> str:
    """`USE1-NovaLite-input-tokens`; `Dollar` for the support fee, nothing for tax."""
    if model is None or meter is None:
        return "Dollar" if kind == "support" else ""
    return f"USE1-{_SKUS[model]}-{_METERS[meter]}"


def service(model: str | None, kind: str) -> str:
    """Cost Explorer's name of the service; models of other companies are products of their own."""
    if model is None:
        return SUPPORT if kind == "support" else "Tax"
    if "anthropic" in model:
        return "Claude Sonnet 4.5 (Amazon Bedrock Edition)"
    return "Amazon Bedrock"


def charge_rows(simulator: Simulator) -> ChargeRows:
    """Charge lines with Cost Explorer's dimensions, tags as `TAG:<key>`, and the unit of usage."""
    lines = simulator.company.charge_lines("aws")
    kinds, models, meters = texts(lines["charge_kind"]), texts(lines["model"]), texts(lines["meter"])
    facts = [(str(kind), model, meter) for kind, model, meter in zip(kinds, models, meters, strict=True)]
    accounts = texts(lines["sub_account_id"])
    projects = [PROJECT_OF_SUB_ACCOUNT.get(place or "") for place in accounts]
    has_project = [project if model else None for project, (_, model, _) in zip(projects, facts, strict=True)]
    services = [service(model, kind) for kind, model, _ in facts]
    more: dict[str, list[str | bool | None]] = {
        "SERVICE": list(services),
        "SERVICE_CODE": ["AmazonBedrock" if model else "AWSSupportBusiness" for _, model, _ in facts],
        "USAGE_TYPE": [usage_type(model, meter, kind) or NO_VALUE for kind, model, meter in facts],
        "OPERATION": ["InvokeModelInference" if model else NO_VALUE for _, model, _ in facts],
        "LINKED_ACCOUNT": list(accounts),
        "LINKED_ACCOUNT_NAME": [project.name if project else "Sample company" for project in projects],
        "PAYER_ACCOUNT": [AWS_PAYER_ACCOUNT] * len(lines),
        "RECORD_TYPE": [_RECORD_TYPES[kind] for kind, _, _ in facts],
        "REGION": ["us-east-1" if model else NO_VALUE for _, model, _ in facts],
        "LEGAL_ENTITY_NAME": ["Amazon Web Services, Inc."] * len(lines),
        "TAG:project": [project.id if project else None for project in has_project],
        "TAG:environment": ["production" if project else None for project in has_project],
        "PRODUCT_ATTRIBUTE:model": [_SKUS[model] if model else None for _, model, _ in facts],
        "unit": [TOKEN_UNIT if model else "Dollar" for _, model, _ in facts],
        "month": [f"{day:%Y-%m}" for day in lines["charge_date"]],
    }
    return simulator.company.charges("aws", more)


def column_of(kind: str, key: str) -> str:
    """The column of a group definition; Refusal when it is unknown. Unknown tags have no values."""
    if kind == "DIMENSION" and key in DIMENSIONS:
        return key
    if kind == "TAG" or (kind == "PRODUCT_ATTRIBUTE" and key == "model"):
        return f"{kind}:{key}"
    raise Refusal(400, f"{key} is not a valid {kind} to group by.", "ValidationException")


def _is_equal(value: str, wanted: str) -> bool:
    return value == wanted


_WAYS: dict[str, Callable[[str, str], bool]] = {
    "STARTS_WITH": lambda value, wanted: value.startswith(wanted),
    "ENDS_WITH": lambda value, wanted: value.endswith(wanted),
    "CONTAINS": lambda value, wanted: wanted in value,
}


def _matcher(node: Mapping[str, Any], dimensions: Mapping[str, Dimension], column: str) -> Chosen:
    values = [str(value) for value in node.get("Values", [])]
    options = set(node.get("MatchOptions", ["EQUALS"]))
    if column not in dimensions:
        return every([]) if "ABSENT" in options else some([])
    if "ABSENT" in options:
        return passing(dimensions, column, lambda value: value == "")
    way = next((_WAYS[option] for option in _WAYS if option in options), _is_equal)
    return passing(dimensions, column, lambda value: any(way(value, wanted) for wanted in values))


def condition(node: Mapping[str, Any] | None, dimensions: Mapping[str, Dimension]) -> Chosen:
    """An Expression as a condition; everything for none."""
    if not node:
        return every([])
    if len(node) != 1:
        raise Refusal(400, "An expression has exactly one root.", "ValidationException")
    (kind, inner), *_ = node.items()
    if kind in ("And", "Or"):
        if len(inner) < 2:
            raise Refusal(400, f"{kind} needs at least two expressions.", "ValidationException")
        return (every if kind == "And" else some)([condition(one, dimensions) for one in inner])
    if kind == "Not":
        return negated(condition(inner, dimensions))
    columns = {"Dimensions": "DIMENSION", "Tags": "TAG", "ProductAttributes": "PRODUCT_ATTRIBUTE"}
    if kind not in columns:
        raise Refusal(400, f"The simulator does not know the expression {kind}.", "ValidationException")
    return _matcher(inner, dimensions, column_of(columns[kind], str(inner.get("Key", ""))))
