"""The rates that estimates are made from: the list that ships, and the organisation's rows before it.

Works in a home without a run: both are files. Put here: finding a rate by name, day and way of paying. Keep out:
arithmetic (`ml.tco`), printing.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ingestion.config import Settings
from ml.tco.estimate import Rate
from orchestration.home.dbt_project import project_dir

FALLBACK_PROVIDER = "aws"
END = datetime(2200, 1, 1)  # noqa: DTZ001 - instants are naive UTC here


class UnknownRateError(LookupError):
    """No rate answers; `known` are the names that do."""

    def __init__(self, what: str, name: str, known: Iterable[str]) -> None:
        super().__init__(name)
        self.what, self.known = what, sorted(set(known))

    def __str__(self) -> str:
        return f"unknown {self.what} {self.args[0]!r}; known are {', '.join(self.known) or 'none'}"


@dataclass(frozen=True)
class _Row:
    resource_type: str
    names: frozenset[str]
    gpus: int
    rate: Rate
    valid_from: datetime
    valid_to: datetime
    region: str
    is_own: bool


class InfrastructureBook:
    """Rates on a day, by kind, name, cloud and way of paying; amounts of other currencies than USD are passed over."""

    def __init__(self, settings: Settings, at: datetime) -> None:
        self.at = at
        self.notes: list[str] = []
        self._rows = [row for row in (*self._own(settings), *_shipped()) if row.valid_from <= at < row.valid_to]

    def check_cloud(self, provider: str) -> None:
        """That a cloud has a rate; one that nobody knows is an error."""
        if not any(row.rate.provider == provider.lower() for row in self._rows):
            raise UnknownRateError("cloud", provider, (row.rate.provider for row in self._rows))

    def find(self, what: str, kind: str, name: str, provider: str, option: str = "on_demand") -> Rate | None:
        """The rate of a thing, None where it is not sold this way; a name or cloud that nobody knows is an error."""
        wanted, cloud = name.lower(), provider.lower()
        rows = [row for row in self._rows if row.resource_type in _kinds(kind)]
        self.check_cloud(provider)
        named = [row for row in rows if wanted in row.names]
        if not named:
            raise UnknownRateError(what, name, (each for row in rows for each in row.names))
        sold = [row for row in named if row.rate.purchase_option == option]
        there = [row for row in sold if row.rate.provider == cloud]
        if not there and (there := [row for row in sold if row.rate.provider == FALLBACK_PROVIDER]):
            self.notes.append(f"{provider} has no rate for {name} on {self.at:%Y-%m-%d}: that of AWS stands in")
        if not there:
            return None
        best = min(there, key=lambda row: (not row.is_own, row.region != "", row.resource_type != kind, -_day(row)))
        return best.rate

    def needed(self, what: str, kind: str, name: str, provider: str) -> Rate:
        """The on-demand rate; that there is none is an error."""
        rate = self.find(what, kind, name, provider)
        if rate is None:
            raise UnknownRateError(
                what,
                f"{name} of {provider}",
                (
                    f"{sorted(row.names)[0]} of {row.rate.provider}"
                    for row in self._rows
                    if row.resource_type in _kinds(kind)
                ),
            )
        return rate

    def _own(self, settings: Settings) -> list[_Row]:
        from ingestion.sources.org.pipeline import read_folder

        table = read_folder(settings.org_dir)["infrastructure_rates"]
        bad = len(table.problems) + sum(row.problem is not None for row in table.rows)
        if bad:
            self.notes.append(
                f"{bad} rows of infrastructure_rates.csv are not right and left out; costops run says why"
            )
        found = []
        for row in table.good:
            values = row.values
            if values["currency"] != "USD":
                self.notes.append(f"infrastructure_rates.csv, row {row.number}: {values['currency']} is passed over")
                continue
            source = f"your infrastructure_rates.csv, row {row.number}"
            found.append(_row(values, values["valid_from_utc"], values["valid_to_utc"], source, is_own=True))
        return found


def _shipped() -> list[_Row]:
    with (project_dir() / "seeds" / "infrastructure_rates.csv").open(newline="", encoding="utf-8") as file:
        found = []
        for values in csv.DictReader(file):
            start = datetime.fromisoformat(values["valid_from_utc"])
            stop = datetime.fromisoformat(values["valid_to_utc"]) if values["valid_to_utc"] else END
            source = f"shipped: {values['note'] or 'list'}"
            found.append(_row(values, start, stop, source, is_own=False))
    return found


def _row(values: dict[str, object], start: datetime, stop: datetime, source: str, *, is_own: bool) -> _Row:
    names = {str(values["sku"]).lower()}
    if values["gpu_type"]:
        names.add(str(values["gpu_type"]).lower())
    gpus = int(str(values["gpus_per_instance"] or 1))
    is_gpu = values["resource_type"] in ("gpu_hour", "instance_hour") and bool(values["gpu_type"])
    share = gpus if is_gpu else 1
    rate = Rate(
        sku=str(values["sku"]).lower(),
        provider=str(values["provider"]).lower(),
        purchase_option=str(values["purchase_option"] or "on_demand"),
        unit="GPU-hour" if is_gpu else str(values["unit"]),
        usd=Decimal(str(values["rate"])) / share,
        source=source,
        upfront_usd=Decimal(str(values["upfront"] or 0)) / share,
        term_months=int(str(values["term_months"])) if values["term_months"] else None,
    )
    return _Row(
        str(values["resource_type"]),
        frozenset(names),
        gpus,
        rate,
        start,
        stop,
        str(values["region"] or "").lower(),
        is_own,
    )


def _kinds(kind: str) -> tuple[str, ...]:
    """A GPU is rated by itself or as a part of a machine."""
    return ("gpu_hour", "instance_hour") if kind == "gpu_hour" else (kind,)


def _day(row: _Row) -> int:
    return row.valid_from.toordinal()
