"""GPUs by host: what they cost used and idle, and what others would cost by the rate list.

Put here: the queries, reading them, matching rates. Keep out: what could be done about it (`strategies`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fnmatch import fnmatch
from typing import TYPE_CHECKING

from ml.optimization.advice import Slice
from ml.optimization.params import OptimizationParams
from ml.optimization.recurring import NotRecurring, Recurring, recurring
from ml.optimization.strategy import Lacking
from ml.optimization.workloads import clean_rows

if TYPE_CHECKING:
    import pandas as pd

IDLE_RATIO = "0.02"
"""An hour with so little use is idle."""
BUSY_GPU = "0.7"
"""How full a GPU may be when work is brought together on fewer."""

GPUS = f"""
with hours as (
    select
        usage.host,
        usage.gpu_id,
        usage.usage_date,
        usage.usage_hour_utc,
        max(usage.gpu_name) as gpu_name,
        max(gpus.gpu_rate_id) as gpu_rate_id,
        max(usage.gpu_rate_usd_per_hour) as rate,
        sum(usage.used_seconds) as used,
        sum(usage.used_seconds + usage.idle_seconds) as known,
        sum(usage.no_telemetry_seconds) as unknown,
        sum(usage.used_cost_usd + usage.idle_cost_usd + usage.no_telemetry_cost_usd) as cost,
        max(usage.avg_memory_used_mib) as memory
    from marts.fct_gpu_usage_hourly as usage
    left join marts.dim_gpus as gpus on gpus.gpu_key = usage.gpu_key
    where usage.usage_date >= $as_of - interval 30 day and usage.usage_date < $as_of
    group by all
),
hosts as (
    select
        host,
        usage_hour_utc,
        count(*) as gpu_count,
        sum(case when known > 0 then used / known else 1 end) as load,
        bool_and(known > 0 and unknown <= 3600 * {IDLE_RATIO} and used <= {IDLE_RATIO} * known) as is_idle
    from hours
    group by all
)
select
    hours.host,
    hours.gpu_name,
    hours.gpu_rate_id,
    hours.usage_date,
    string_agg(distinct hours.gpu_id, ' ' order by hours.gpu_id) as gpu_ids,
    cast(max(hours.rate) as decimal(38, 12)) as rate,
    cast(sum(case when hosts.is_idle then hours.cost else 0 end) as decimal(38, 12)) as idle_cost,
    cast(sum(case when hosts.is_idle then 0 else hours.cost end) as decimal(38, 12)) as busy_cost,
    cast(sum(case when hosts.is_idle then 0 else hours.cost * (1 - least(hosts.gpu_count,
        greatest(1, ceil(hosts.load / {BUSY_GPU}))) / hosts.gpu_count) end) as decimal(38, 12)) as spare_cost,
    cast(count(*) as bigint) as hours,
    cast(sum(case when hosts.is_idle then 0 else 1 end) as bigint) as busy_hours,
    cast(count(*) - count(hours.cost) as bigint) as hours_without_rate,
    cast(sum(case when hosts.is_idle then 0 else hours.used end) as decimal(38, 12)) as busy_used_seconds,
    cast(sum(case when hosts.is_idle then 0 else hours.known end) as decimal(38, 12)) as busy_known_seconds,
    cast(max(hours.memory) as decimal(38, 12)) as memory_mib
from hours
inner join hosts on hosts.host = hours.host and hosts.usage_hour_utc = hours.usage_hour_utc
group by all
order by all
"""
"""By host, kind of GPU and day. A host is idle in hours in which every one of its GPUs is, and nothing is unknown."""

RATES = """
select
    rates.rate_id as gpu_rate_id,
    types.gpu_name_pattern,
    rates.provider as cloud,
    case when rates.purchase_option = 'reserved_1y' then 'reserved' else rates.purchase_option end as purchase_option,
    case when rates.resource_type = 'instance_hour' then rates.sku end as instance_type,
    rates.rate_per_gpu_hour as usd_per_gpu_hour,
    (
        select string_agg(cast(recent.rate_per_gpu_hour as varchar), ' ' order by recent.valid_from_utc)
        from intermediate.int_infrastructure_rates as recent
        where recent.resource_type = rates.resource_type and recent.sku = rates.sku
            and recent.provider = rates.provider and recent.region is not distinct from rates.region
            and recent.purchase_option = rates.purchase_option and recent.currency = 'USD'
            and recent.valid_from_utc <= $as_of and recent.valid_to_utc > $as_of - interval 30 day
    ) as recent_prices
from intermediate.int_infrastructure_rates as rates
inner join seeds.gpu_types as types on types.gpu_type = rates.gpu_type
where rates.currency = 'USD' and rates.rate_per_gpu_hour is not null
    and rates.valid_from_utc <= $as_of and rates.valid_to_utc > $as_of
order by all
"""

MEMORY_GIB = (
    *(("h200", 141), ("h100", 80), ("a100%80gb", 80), ("a100", 40), ("l40s", 48), ("l4", 24), ("a10", 24)),
    *(("t4", 16), ("v100", 16)),
)
"""Memory by what a rate's pattern is called, first match; makers' data sheets."""


@dataclass(frozen=True)
class Rate:
    """A row of the rate list."""

    rate_id: str
    pattern: str
    cloud: str
    purchase_option: str
    instance_type: str
    usd_per_hour: Decimal
    recent_prices: tuple[Decimal, ...] = ()
    """USD an hour that held at any time of the last 30 days, oldest first."""

    def fits(self, gpu_name: str) -> bool:
        """Whether it is for GPUs of this name."""
        return fnmatch(gpu_name.lower(), self.pattern.lower().replace("%", "*"))

    @property
    def memory_gib(self) -> int | None:
        """None where the kind is not known."""
        name = self.pattern.lower().strip("%")
        return next((gib for kind, gib in MEMORY_GIB if name.startswith(kind)), None)


@dataclass
class GpuHost:
    """GPUs of one kind in one host, by day; amounts are USD."""

    host: str
    gpu_name: str
    rate: Rate | None
    usd_per_hour: Decimal
    gpu_ids: set[str] = field(default_factory=set)
    costs: dict[str, dict[date, Decimal]] = field(default_factory=lambda: {"idle": {}, "busy": {}, "spare": {}})
    hours: int = 0
    busy_hours: int = 0
    hours_without_rate: int = 0
    used_seconds: Decimal = Decimal(0)
    known_seconds: Decimal = Decimal(0)
    memory_mib: Decimal = Decimal(0)
    outlook: Recurring | NotRecurring = field(default_factory=lambda: NotRecurring("not looked at"))

    @property
    def busy_ratio(self) -> Decimal:
        """Part of the time in which the host works."""
        return Decimal(self.busy_hours) / self.hours if self.hours else Decimal(0)

    @property
    def utilization(self) -> Decimal | None:
        """Average use in hours in which the host works."""
        return self.used_seconds / self.known_seconds if self.known_seconds else None

    def ahead(self, part: str) -> Decimal:
        """What a part costs in the days ahead: `idle` and `busy` hours, and `spare`, GPUs not needed in busy ones."""
        return self.outlook.ahead(self.costs[part]) if isinstance(self.outlook, Recurring) else Decimal(0)

    def part(self, part: str, cost: Decimal, saving: Decimal) -> Slice:
        """A slice of the host's money."""
        return Slice(f"gpu|{self.host}|{self.gpu_name}|{part}", cost, saving)

    def cheaper(self, usd_per_hour: Decimal) -> list[Slice]:
        """All its hours, used and idle, at a lower price of one."""
        share = 1 - usd_per_hour / self.usd_per_hour
        costs = [(part, self.ahead(part)) for part in ("busy", "idle")]
        return [self.part(part, cost, cost * share) for part, cost in costs]

    def is_named(self, *words: str) -> bool:
        """Whether the host's name says what it does."""
        return is_named(self.host, words)


def gpu_hosts(inputs: Mapping[str, pd.DataFrame], as_of: date, params: OptimizationParams) -> list[GpuHost]:
    """Hosts that still run, whose rate is known."""
    known = {rate.rate_id: rate for rate in rates(inputs)}
    found: dict[tuple[str, str], GpuHost] = {}
    for row in clean_rows(inputs["gpus"]):
        name = str(row["gpu_name"] or "")
        host = found.setdefault(
            (str(row["host"]), name),
            GpuHost(str(row["host"]), name, known.get(str(row["gpu_rate_id"])), row["rate"] or Decimal(0)),
        )
        day = row["usage_date"]
        host.gpu_ids |= set(str(row["gpu_ids"]).split())
        for part in host.costs:
            host.costs[part][day] = host.costs[part].get(day, Decimal(0)) + (row[f"{part}_cost"] or Decimal(0))
        host.hours += int(row["hours"])
        host.busy_hours += int(row["busy_hours"])
        host.hours_without_rate += int(row["hours_without_rate"])
        host.used_seconds += row["busy_used_seconds"] or Decimal(0)
        host.known_seconds += row["busy_known_seconds"] or Decimal(0)
        host.memory_mib = max(host.memory_mib, row["memory_mib"] or Decimal(0))
    start, end = period_of(as_of, params)
    for host in found.values():
        total = {day: host.costs["idle"][day] + host.costs["busy"][day] for day in host.costs["idle"]}
        host.outlook = recurring(total, start, end, days_ahead=params.window_days, min_days=params.min_days_with_usage)
    live = [host for host in found.values() if isinstance(host.outlook, Recurring) and not host.hours_without_rate]
    return sorted(live, key=lambda host: (host.host, host.gpu_name))


def rates(inputs: Mapping[str, pd.DataFrame]) -> list[Rate]:
    """The rate list."""
    return [
        Rate(
            str(row["gpu_rate_id"]),
            str(row["gpu_name_pattern"]),
            str(row["cloud"]),
            str(row["purchase_option"]),
            str(row["instance_type"] or ""),
            Decimal(row["usd_per_gpu_hour"]),
            tuple(Decimal(price) for price in str(row["recent_prices"]).split()),
        )
        for row in clean_rows(inputs["rates"])
    ]


def rate_for(gpu_name: str, known: Sequence[Rate], cloud: str, purchase_option: str) -> Rate | None:
    """The rate of a GPU in a cloud: of the longest pattern that fits."""
    fitting = [
        rate
        for rate in known
        if rate.cloud == cloud and rate.purchase_option == purchase_option and rate.fits(gpu_name)
    ]
    return max(fitting, key=lambda rate: (len(rate.pattern), rate.rate_id), default=None)


def period_of(as_of: date, params: OptimizationParams) -> tuple[date, date]:
    """First and last day looked at."""
    return as_of - timedelta(days=params.window_days), as_of - timedelta(days=1)


def is_named(host: str, words: Sequence[str]) -> bool:
    """Whether the name of a host says what it does."""
    return any(word in host.lower() for word in words)


def no_gpus(inputs: Mapping[str, pd.DataFrame]) -> str | None:
    """Why strategies for GPUs are skipped."""
    if inputs["gpus"].empty:
        return "no GPU was measured in the last 30 days"
    if inputs["gpus"]["rate"].isna().all():
        return "no rate is known for the GPUs measured: complete infrastructure_rates.csv"
    return None


def unnamed(words: Sequence[str], reason: str) -> Lacking:
    """Skips strategies that go by words in the names of hosts, with this reason, where no name has one."""

    def lacking(inputs: Mapping[str, pd.DataFrame]) -> str | None:
        if lacks := no_gpus(inputs):
            return lacks
        return None if any(is_named(str(host), words) for host in inputs["gpus"]["host"]) else reason

    return lacking
