"""What ownership will cost month by month, and what it would cost if something changed.

Variable cost grows with usage and shrinks with efficiency: × (1 + growth)^(m/12) × (1 − efficiency)^(m/12); fixed cost
stays; a one-time item is carried until it is amortised. Put here: lines ahead, changes of a scenario, their difference
from what is. Keep out: reading lines and scenarios.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Context, Decimal

GROWTH = Decimal("0.10")
EFFICIENCY = Decimal("0.02")
SEMI_VARIABLE_FIXED = Decimal("0.6")
"""Part of a semi-variable cost that stays, where it does not say by what it moves."""
_CONTEXT = Context(prec=34)
_HUNDRED = Decimal(100)


@dataclass(frozen=True)
class CostLine:
    """A part of a month: `component` is fixed, variable or one_time. `months_left` counts the months after the baseline
    in which it goes on; None: for ever."""

    item_id: str
    cost_group: str
    category: str
    provider: str
    component: str
    usd: Decimal
    months_left: int | None = None


@dataclass(frozen=True)
class Month:
    """A projected month, counted from the baseline (0)."""

    number: int
    fixed_usd: Decimal
    variable_usd: Decimal
    one_time_usd: Decimal
    growth_factor: Decimal
    efficiency_factor: Decimal

    @property
    def total_usd(self) -> Decimal:
        """All of it."""
        return self.fixed_usd + self.variable_usd + self.one_time_usd


@dataclass(frozen=True)
class Change:
    """One row of a scenario: what it is about (None: anything), and what changes. Rates are fractions."""

    cost_group: str | None = None
    category: str | None = None
    item_id: str | None = None
    provider: str | None = None
    change: Decimal | None = None
    monthly_usd: Decimal | None = None
    one_time_usd: Decimal | None = None
    amortization_months: int = 36
    growth: Decimal | None = None
    efficiency: Decimal | None = None

    def touches(self, line: CostLine) -> bool:
        """Whether it is about this line."""
        return (
            self.cost_group in (None, line.cost_group)
            and self.category in (None, line.category)
            and self.item_id in (None, line.item_id)
            and self.provider in (None, line.provider)
        )


@dataclass(frozen=True)
class Outcome:
    """A scenario in its first month and over the months ahead, and its difference from the baseline."""

    name: str
    monthly_usd: Decimal
    annual_usd: Decimal
    by_group: Mapping[str, Decimal]
    by_category: Mapping[str, Decimal]
    by_provider: Mapping[str, Decimal]
    months: tuple[Month, ...]
    difference_usd: Decimal = Decimal(0)
    difference_pct: Decimal | None = None
    touched_count: int = 0

    @property
    def projected_usd(self) -> Decimal:
        """All months ahead."""
        return sum((month.total_usd for month in self.months), Decimal(0))


def factor(rate: Decimal, month: int) -> Decimal:
    """(1 + rate)^(month/12); −100 % and below is nothing at all from the first month on."""
    if rate <= -1:
        return Decimal(1) if month == 0 else Decimal(0)
    return _CONTEXT.power(1 + rate, Decimal(month) / 12)


def project(
    lines: Iterable[CostLine], months: int, *, growth: Decimal = GROWTH, efficiency: Decimal = EFFICIENCY
) -> tuple[Month, ...]:
    """Months 1 to `months` after the baseline month that `lines` are of."""
    known = list(lines)
    found = []
    for number in range(1, months + 1):
        grown, saved = factor(growth, number), factor(-efficiency, number)
        going = [line for line in known if line.months_left is None or number <= line.months_left]
        fixed, variable, once = (
            sum((line.usd for line in going if line.component == component), Decimal(0))
            for component in ("fixed", "variable", "one_time")
        )
        found.append(Month(number, fixed, variable * grown * saved, once, grown, saved))
    return tuple(found)


def split_semi_variable(line: CostLine) -> tuple[CostLine, CostLine]:
    """A semi-variable cost as its fixed and its variable part; both sum to it exactly."""
    fixed = line.usd * SEMI_VARIABLE_FIXED
    return replace(line, component="fixed", usd=fixed), replace(line, component="variable", usd=line.usd - fixed)


def apply(lines: Sequence[CostLine], changes: Sequence[Change]) -> tuple[list[CostLine], int]:
    """The lines after all changes, one after the other, and how many lines were touched by a percentage."""
    found, touched = list(lines), set()
    for number, change in enumerate(changes):
        if change.change is not None:
            for position, line in enumerate(found):
                if change.touches(line):
                    touched.add(line.item_id)
                    found[position] = replace(line, usd=line.usd * (1 + change.change))
        for usd, component, left in (
            (change.monthly_usd, "fixed", None),
            (
                None if change.one_time_usd is None else change.one_time_usd / change.amortization_months,
                "one_time",
                change.amortization_months,
            ),
        ):
            if usd is not None:
                category = change.category or change.cost_group or "other"
                group = change.cost_group or _group(category)
                name = change.item_id or f"scenario:{number + 1}"
                found.append(CostLine(name, group, category, change.provider or "other", component, usd, left))
    return found, len(touched)


def outcome(
    name: str,
    lines: Sequence[CostLine],
    changes: Sequence[Change],
    months: int,
    *,
    growth: Decimal = GROWTH,
    efficiency: Decimal = EFFICIENCY,
    baseline: Outcome | None = None,
) -> Outcome:
    """A scenario; without changes it is the baseline."""
    found, touched = apply(lines, changes)
    growth = next((each.growth for each in reversed(changes) if each.growth is not None), growth)
    efficiency = next((each.efficiency for each in reversed(changes) if each.efficiency is not None), efficiency)
    monthly = sum((line.usd for line in found), Decimal(0))
    difference = Decimal(0) if baseline is None else monthly - baseline.monthly_usd
    share = None
    if baseline is not None and baseline.monthly_usd:
        share = difference / baseline.monthly_usd * _HUNDRED
    return Outcome(
        name,
        monthly,
        monthly * 12,
        breakdown(found, "cost_group"),
        breakdown(found, "category"),
        breakdown(found, "provider"),
        project(found, months, growth=growth, efficiency=efficiency),
        difference,
        share,
        touched,
    )


def breakdown(lines: Iterable[CostLine], by: str) -> dict[str, Decimal]:
    """Sums by an attribute of the lines, one-time items included, the largest first."""
    found: dict[str, Decimal] = {}
    for line in lines:
        found[getattr(line, by)] = found.get(getattr(line, by), Decimal(0)) + line.usd
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def _group(category: str) -> str:
    if category in ("personnel", "llm_api"):
        return category
    if category in ("gpu_compute", "cpu_compute", "memory", "data_storage", "networking", "infrastructure"):
        return "infrastructure"
    overhead = ("overhead", "software_licenses", "support_maintenance", "security_compliance")
    return "overhead" if category in overhead else "other"
