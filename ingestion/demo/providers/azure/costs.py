"""Azure Cost Management's query: charges of the sample company as columns and rows, paged by POST.

Put here: the query endpoint. Keep out: metrics.
"""

from __future__ import annotations

import hashlib
import time
from collections import deque
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from ingestion.demo.company.models import MODELS
from ingestion.demo.company.text import decimal_text, hash_text
from ingestion.demo.providers.azure.dialect import ACCOUNTS, PREFIX, REGION, AzureDialect, known_account
from ingestion.demo.providers.azure.query import Query, read_query
from ingestion.demo.providers.conditions import every, passing
from ingestion.demo.providers.endpoint import Refusal, number, route
from ingestion.demo.providers.ledger import ChargeRows, Chosen, Group
from ingestion.demo.providers.moments import DAY, date_of
from ingestion.demo.providers.paging import UnusablePageToken, page_token, read_page_token
from ingestion.demo.providers.state import Simulator

DEFAULT_ROWS, MOST_ROWS = 1_000, 5_000
_METERS = {"uncached_input": "Inp glbl", "cache_read": "cchd Inp glbl", "output": "Outp glbl"}
_SKUS = {model.raw_name: model.sku for model in MODELS}
COST_NAMES = ("cost", "costusd", "pretaxcost", "pretaxcostusd")


def meter_name(model: str, meter: str) -> str:
    """How the bill names a meter: `gpt 4.1 cchd Inp glbl Tokens`."""
    return f"{_SKUS[model]} {_METERS[meter]} Tokens"


class AzureCosts:
    """Answers of the query endpoint."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._rows = _charge_rows(simulator)
        self._asked_at: deque[float] = deque()

    def query(self, request: Request, body: bytes) -> dict[str, Any]:
        """One page of a query."""
        self._limit_rate()
        query = read_query(body, set(self._rows.dimensions))
        chosen = every([self._scope(request.path_params["scope"]), query.where(self._rows.dimensions)])
        rows = self._all_rows(query, chosen)
        columns = [{"name": name, "type": kind} for name, kind in query.columns]
        top = request.query_params.get("$top", str(DEFAULT_ROWS))
        if not top.isdecimal() or not 1 <= int(top) <= MOST_ROWS:
            raise Refusal(400, f"Invalid $top: {top}; the most is {MOST_ROWS}.", "BadRequest")
        question = [("path", request.url.path), ("body", hashlib.sha256(body).hexdigest())]
        token, start = request.query_params.get("$skiptoken"), 0
        if token is not None:
            try:
                start = read_page_token(token, question, self._simulator.faults)
            except UnusablePageToken as problem:
                raise Refusal(400, f"Invalid $skiptoken: {problem}", "BadRequest") from problem
        stop = start + int(top)
        link = None
        if stop < len(rows):
            version = request.query_params.get("api-version", "")
            address = str(request.url.replace(query="")).rstrip("?")
            link = f"{address}?api-version={version}&$top={top}&$skiptoken={page_token(question, stop)}"
        scope = request.path_params["scope"]
        return {
            "id": f"{scope}/providers/Microsoft.CostManagement/query",
            "type": "Microsoft.CostManagement/query",
            "properties": {"nextLink": link, "columns": columns, "rows": rows[start:stop]},
        }

    def _limit_rate(self) -> None:
        most = self._simulator.options.azure_queries_per_minute
        if most is None:
            return
        moment = time.monotonic()
        while self._asked_at and moment - self._asked_at[0] > 60:
            self._asked_at.popleft()
        if len(self._asked_at) >= most:
            raise AzureDialect().throttle(self._simulator)
        self._asked_at.append(moment)

    def _scope(self, scope: str) -> Chosen:
        parts = scope.strip("/").split("/")
        lower = [part.lower() for part in parts]
        if lower[0] == "subscriptions" and len(parts) in (2, 4):
            account = known_account(parts[1])
            if len(parts) == 4 and lower[3] != account.resource_group.lower():
                raise Refusal(404, f"Resource group '{parts[3]}' could not be found.", "ResourceGroupNotFound")
            return passing(self._rows.dimensions, "subscriptionid", lambda value: value == account.subscription_id)
        if lower[:2] in (["providers", "microsoft.billing"], ["providers", "microsoft.management"]):
            return every([])
        raise Refusal(400, f"The scope '{scope}' is not valid.", "InvalidScope")

    def _all_rows(self, query: Query, chosen: Chosen) -> list[list[Any]]:
        width = DAY if query.granularity == "daily" else max(DAY, query.end - query.start)
        fields = [*(["billingmonth"] if query.granularity == "monthly" else []), *query.fields]
        groups = self._rows.groups(
            query.start, query.end, width, self._simulator.visibility, fields=fields, where=chosen
        )
        return [self._row(query, group) for group in groups]

    @staticmethod
    def _row(query: Query, group: Group) -> list[Any]:
        values: list[Any] = []
        for name in query.measures:
            is_money = name.lower() in COST_NAMES
            places, scaled = (12, group.sums["amount"]) if is_money else (6, group.sums["quantity"])
            values.append(number(decimal_text(scaled, places)))
        if query.granularity == "daily":
            values.append(int(f"{date_of(query.start) + timedelta(days=group.bucket):%Y%m%d}"))
        elif query.granularity == "monthly":
            values.append(group.values["billingmonth"])
        for field in query.fields:
            if field.startswith("tag:"):
                values.append(field.removeprefix("tag:"))
            values.append("" if group.values[field] is None else group.values[field])
        return [*values, "USD"]


def _charge_rows(simulator: Simulator) -> ChargeRows:
    lines = simulator.company.charge_lines("azure")
    accounts = [ACCOUNTS[str(place)] for place in lines["sub_account_id"]]
    names = [meter_name(str(model), str(meter)) for model, meter in zip(lines["model"], lines["meter"], strict=True)]
    count = len(lines)
    more: dict[str, list[str | bool | None]] = {
        "subscriptionid": [account.subscription_id for account in accounts],
        "subscriptionname": [account.project.name for account in accounts],
        "resourcegroupname": [account.resource_group for account in accounts],
        "resourcegroup": [account.resource_group for account in accounts],
        "resourceid": [account.resource_id.lower() for account in accounts],
        "resourcelocation": [REGION] * count,
        "resourcetype": ["microsoft.cognitiveservices/accounts"] * count,
        "servicename": ["Cognitive Services"] * count,
        "metercategory": ["Cognitive Services"] * count,
        "metersubcategory": ["Azure OpenAI"] * count,
        "meter": list(names),
        "meterid": [f"{hash_text(name):032x}" for name in names],
        "unitofmeasure": ["1M"] * count,
        "chargetype": ["usage"] * count,
        "publishertype": ["azure"] * count,
        "pricingmodel": ["ondemand"] * count,
        "billingmonth": [f"{day:%Y-%m}-01T00:00:00" for day in lines["charge_date"]],
        "tag:project": [account.project.id for account in accounts],
        "tag:environment": ["production"] * count,
    }
    return simulator.company.charges("azure", more)


def cost_routes(simulator: Simulator) -> list[Route]:
    """The query endpoint, for any scope."""
    costs = AzureCosts(simulator)
    path = PREFIX + "/{scope:path}/providers/Microsoft.CostManagement/query"
    name = "/providers/Microsoft.CostManagement/query"
    return [route(simulator, AzureDialect(), path, costs.query, name=name, methods=("POST",))]
