"""AWS Cost Explorer's JSON protocol: cost and usage, dimension values, tags, forecast.

Put here: operations. Keep out: the bill's columns (`lines`), signatures.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ingestion.demo.company.text import decimal_text
from ingestion.demo.providers.aws.lines import TOKEN_UNIT, charge_rows, column_of, condition
from ingestion.demo.providers.aws.signature import access_key_of, is_signed_with
from ingestion.demo.providers.endpoint import Refusal, json_bytes, route
from ingestion.demo.providers.ledger import Chosen, Group
from ingestion.demo.providers.moments import DAY, date_of, microseconds
from ingestion.demo.providers.paging import UnusablePageToken, page_token, read_page_token
from ingestion.demo.providers.state import Simulator

PREFIX = "/aws"
TARGET = "AWSInsightsIndexService."
METRICS = {
    "AmortizedCost",
    "BlendedCost",
    "NetAmortizedCost",
    "NetUnblendedCost",
    "NormalizedUsageAmount",
    "UnblendedCost",
    "UsageQuantity",
}
_MEASURED = ("UsageQuantity", "NormalizedUsageAmount")
CLOSED_AFTER_DAYS = 5
FORECAST_DAYS = 28


def _invalid(message: str) -> Refusal:
    return Refusal(400, message, "ValidationException")


class AwsDialect:
    """Signed requests, errors as `{"__type", "message"}`."""

    name = "aws"

    def authorise(self, request: Request, simulator: Simulator) -> None:
        """Only the access key: the signature needs the body and is checked with it."""
        key = access_key_of(request)
        if key is None:
            raise Refusal(400, "Missing Authentication Token", "MissingAuthenticationTokenException")
        if key != simulator.keys.aws_access_key_id:
            message = "The security token included in the request is invalid."
            raise Refusal(400, message, "UnrecognizedClientException")

    def refuse(self, refusal: Refusal) -> tuple[Any, dict[str, str]]:
        """The error object."""
        kinds = {500: "InternalServerError", 503: "ServiceUnavailableException", 404: "UnknownOperationException"}
        code = refusal.code if refusal.status == 400 else kinds.get(refusal.status, "InternalServerError")
        return {"__type": code, "message": refusal.message}, {"x-amzn-errortype": str(code)}

    def throttle(self, simulator: Simulator) -> Refusal:
        """ThrottlingException, a 400."""
        return Refusal(400, "Rate exceeded", "ThrottlingException")


@dataclass(frozen=True)
class Period:
    """[`start`, `end`) by day or month."""

    start: date
    end: date
    granularity: str

    def parts(self) -> list[tuple[date, date]]:
        """Its days or months; the first and last month may be partial."""
        found, at = [], self.start
        while at < self.end:
            following = at + timedelta(days=1)
            if self.granularity == "MONTHLY":
                following = min(self.end, (at.replace(day=1) + timedelta(days=32)).replace(day=1))
            found.append((at, following))
            at = following
        return found


class CostExplorer:
    """Answers of the operations."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._rows = charge_rows(simulator)

    def operate(self, request: Request, body: bytes) -> Response:
        """The operation that `X-Amz-Target` names."""
        if not is_signed_with(request, body, self._simulator.keys.aws_secret_access_key):
            message = "The request signature we calculated does not match the signature you provided."
            raise Refusal(400, message, "InvalidSignatureException")
        operations = {
            "GetCostAndUsage": self.cost_and_usage,
            "GetDimensionValues": self.dimension_values,
            "GetTags": self.tags,
            "GetCostForecast": self.forecast,
            "GetAnomalies": lambda _: {"Anomalies": []},
        }
        name = request.headers.get("x-amz-target", "").removeprefix(TARGET)
        if name not in operations:
            raise Refusal(400, f"The simulator does not know {name}.", "UnknownOperationException")
        try:
            asked = orjson.loads(body)
        except ValueError:
            raise Refusal(400, "The body is not JSON.", "SerializationException") from None
        return Response(json_bytes(operations[name](asked)), media_type="application/x-amz-json-1.1")

    def _period(self, asked: dict[str, Any]) -> Period:
        granularity = asked.get("Granularity", "MONTHLY")
        if granularity == "HOURLY":
            raise Refusal(400, "Hourly granularity is not enabled for this account.", "AccessDeniedException")
        if granularity not in ("DAILY", "MONTHLY"):
            raise _invalid(f"Granularity {granularity!r} is not valid.")
        try:
            start = date.fromisoformat(asked["TimePeriod"]["Start"])
            end = date.fromisoformat(asked["TimePeriod"]["End"])
        except (KeyError, TypeError, ValueError):
            raise _invalid("Start and end dates are needed as YYYY-MM-DD.") from None
        today = self._simulator.now.date()
        if start >= end:
            raise _invalid("Start date (and hour) should be before end date (and hour)")
        oldest = today.replace(day=1)
        for _ in range(self._simulator.options.aws_history_months):
            oldest = (oldest - timedelta(days=1)).replace(day=1)
        if start < oldest:
            months = self._simulator.options.aws_history_months
            raise _invalid(f"You haven't enabled historical data beyond {months} months")
        return Period(start, end, granularity)

    def _groups(self, period: Period, fields: list[str], chosen: Chosen) -> dict[date, list[Group]]:
        start, end = microseconds(period.start), microseconds(period.end)
        is_monthly = period.granularity == "MONTHLY"
        width = max(DAY, end - start) if is_monthly else DAY
        known = [name for name in fields if name in self._rows.dimensions]
        columns = ["month", *known, "unit"] if is_monthly else [*known, "unit"]
        found: dict[date, list[Group]] = defaultdict(list)
        for group in self._rows.groups(start, end, width, self._simulator.visibility, fields=columns, where=chosen):
            day = date_of(start + group.bucket * width)
            if is_monthly:
                day = max(period.start, date.fromisoformat(f"{group.values['month']}-01"))
            found[day].append(group)
        return found

    def cost_and_usage(self, asked: dict[str, Any]) -> dict[str, Any]:
        """One page of GetCostAndUsage."""
        period = self._period(asked)
        metrics = list(asked.get("Metrics") or [])
        if not metrics or set(metrics) - METRICS:
            raise _invalid(f"Metrics must be some of {', '.join(sorted(METRICS))}.")
        definitions = list(asked.get("GroupBy") or [])
        if len(definitions) > 2:
            raise _invalid("At most two groups are allowed.")
        fields = [column_of(one.get("Type", ""), one.get("Key", "")) for one in definitions]
        found = self._groups(period, fields, condition(asked.get("Filter"), self._rows.dimensions))
        today = self._simulator.now.date()
        flat = [
            (begin, end, keys, groups)
            for begin, end in period.parts()
            if begin <= today
            for keys, groups in (_merged(found.get(begin, []), definitions, fields) or [((), [])])
        ]
        page, token = self._page(asked, flat)
        results: dict[date, dict[str, Any]] = {}
        for begin, end, keys, groups in page:
            result = results.setdefault(begin, self._empty(begin, end))
            if not definitions:
                result["Total"] = _metrics(groups, metrics)
            elif groups:
                result["Groups"].append({"Keys": list(keys), "Metrics": _metrics(groups, metrics)})
        answer: dict[str, Any] = {"ResultsByTime": list(results.values()), "DimensionValueAttributes": []}
        if definitions:
            answer["GroupDefinitions"] = definitions
        return answer | ({"NextPageToken": token} if token else {})

    def _empty(self, begin: date, end: date) -> dict[str, Any]:
        closed = (begin.replace(day=1) + timedelta(days=32)).replace(day=1) + timedelta(days=CLOSED_AFTER_DAYS)
        return {
            "TimePeriod": {"Start": begin.isoformat(), "End": end.isoformat()},
            "Total": {},
            "Groups": [],
            "Estimated": self._simulator.now.date() < closed,
        }

    def _page(self, asked: dict[str, Any], flat: list[Any]) -> tuple[list[Any], str | None]:
        bare = {name: value for name, value in asked.items() if name != "NextPageToken"}
        digest = hashlib.sha256(orjson.dumps(bare, option=orjson.OPT_SORT_KEYS)).hexdigest()
        question, start = [("body", digest)], 0
        if asked.get("NextPageToken"):
            try:
                start = read_page_token(asked["NextPageToken"], question, self._simulator.faults)
            except UnusablePageToken as problem:
                raise Refusal(400, str(problem), "InvalidNextTokenException") from problem
        stop = start + self._simulator.options.aws_groups_per_page
        return flat[start:stop], page_token(question, stop) if stop < len(flat) else None

    def _values(self, column: str, asked: dict[str, Any]) -> list[str]:
        period = self._period(asked)
        if column not in self._rows.dimensions:
            return []
        chosen = condition(asked.get("Filter"), self._rows.dimensions)
        groups = self._groups(period, [column], chosen)
        found = {group.values[column] for day in groups.values() for group in day}
        search = str(asked.get("SearchString", "")).lower()
        return sorted("" if one is None else str(one) for one in found if search in str(one or "").lower())

    def dimension_values(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Values of a dimension in a period."""
        values = self._values(column_of("DIMENSION", asked.get("Dimension", "")), asked)
        listed = [{"Value": value, "Attributes": {}} for value in values]
        return {"DimensionValues": listed, "ReturnSize": len(values), "TotalSize": len(values)}

    def tags(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Values of a tag in a period, or the keys there are."""
        key = asked.get("TagKey")
        if key:
            found = self._values(f"TAG:{key}", asked)
        else:
            found = sorted(name.removeprefix("TAG:") for name in self._rows.dimensions if name.startswith("TAG:"))
        return {"Tags": found, "ReturnSize": len(found), "TotalSize": len(found)}

    def forecast(self, asked: dict[str, Any]) -> dict[str, Any]:
        """The mean of the last days, with bounds of a fifth: a shape to read, not a prophecy."""
        period, today = self._period(asked), self._simulator.now.date()
        if period.start < today:
            raise _invalid("The start of a forecast must not be in the past.")
        past = Period(today - timedelta(days=FORECAST_DAYS), today, "DAILY")
        chosen = condition(asked.get("Filter"), self._rows.dimensions)
        spent = sum(group.sums["amount"] for day in self._groups(past, [], chosen).values() for group in day)
        daily, results, total = spent // FORECAST_DAYS, [], 0
        for begin, end in period.parts():
            mean = daily * (end - begin).days
            total += mean
            results.append(
                {
                    "TimePeriod": {"Start": begin.isoformat(), "End": end.isoformat()},
                    "MeanValue": decimal_text(mean),
                    "PredictionIntervalLowerBound": decimal_text(mean * 8 // 10),
                    "PredictionIntervalUpperBound": decimal_text(mean * 12 // 10),
                }
            )
        return {"Total": {"Amount": decimal_text(total), "Unit": "USD"}, "ForecastResultsByTime": results}


def _key(definition: dict[str, Any], value: Any) -> str:
    if definition["Type"] == "DIMENSION":
        return "" if value is None else str(value)
    return f"{definition['Key']}${'' if value is None else value}"


def _merged(
    groups: list[Group], definitions: list[dict[str, Any]], fields: list[str]
) -> list[tuple[tuple[str, ...], list[Group]]]:
    """Groups of one period by their keys; those that differ only in the unit of usage belong together."""
    found: dict[tuple[str, ...], list[Group]] = defaultdict(list)
    for group in groups:
        pairs = zip(definitions, fields, strict=True)
        found[tuple(_key(definition, group.values.get(name)) for definition, name in pairs)].append(group)
    return list(found.items())


def _metrics(groups: list[Group], names: list[str]) -> dict[str, Any]:
    units = {str(group.values["unit"]) for group in groups}
    cost = decimal_text(sum(group.sums["amount"] for group in groups))
    # Quantities of tokens are in single ones: three more decimals than other units.
    thousandths = sum(group.sums["quantity"] * (1 if group.values["unit"] == TOKEN_UNIT else 1000) for group in groups)
    measured = {"Amount": decimal_text(thousandths, 3), "Unit": units.pop() if len(units) == 1 else "N/A"}
    return {name: measured if name in _MEASURED else {"Amount": cost, "Unit": "USD"} for name in names}


def aws_routes(simulator: Simulator) -> list[Route]:
    """The one address of the service, counted by operation."""
    explorer, dialect = CostExplorer(simulator), AwsDialect()

    def named(request: Request) -> str:
        return request.headers.get("x-amz-target", "").removeprefix(TARGET) or "?"

    return [
        route(simulator, dialect, path, explorer.operate, methods=("POST",), named_by=named)
        for path in (PREFIX, PREFIX + "/")
    ]
