"""What metrics compute, in SQL (LookML's too) and in the calculations of Power BI and Tableau.

Put here: one language per class. Keep out: files of tools. Each keeps what is unknown unknown: DAX adds a blank
as zero, so what could be blank is asked first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from orchestration.publishing.bi.formulas import Change, Condition, Difference, Formula, Ratio, ToDate, Total


class Sql:
    """SQL over columns that `column` writes; other metrics by `metric`."""

    def __init__(self, column: Callable[[str], str], metric: Callable[[str], str]) -> None:
        self.column, self.metric = column, metric

    def total(self, total: Total) -> str:
        """An aggregate."""
        return f"{total.aggregation}({self.amount(total)})"

    def amount(self, total: Total) -> str:
        """What is summed or counted, per row."""
        amount = " + ".join(self.column(name) for name in total.columns) or "1"
        if not total.conditions:
            return amount
        return f"case when {' and '.join(self._condition(each) for each in total.conditions)} then {amount} end"

    def formula(self, formula: Formula) -> str | None:
        """A metric; None for what needs a calendar."""
        if isinstance(formula, Total):
            return self.total(formula)
        if isinstance(formula, Difference):
            return f"{self.metric(formula.first)} - {self.metric(formula.second)}"
        if isinstance(formula, Ratio):
            factor = f" * {formula.factor}.0" if formula.factor != 1 else ""
            first, second = self.metric(formula.first), self.metric(formula.second)
            return f"cast({first} as double precision){factor} / nullif({second}, 0)"
        return None

    def _condition(self, condition: Condition) -> str:
        column = self.column(condition.column)
        return {
            "zero_or_unknown": f"coalesce({column}, 0) = 0",
            "known": f"{column} is not null",
            "true": column,
            "equals": f"{column} = '{condition.value}'",
        }[condition.test]


@dataclass(frozen=True)
class Dax:
    """DAX of one table; other metrics are measures, called by what `label` says; `dates` is the column of days."""

    table: str
    dates: str
    label: Callable[[str], str]

    def formula(self, formula: Formula) -> str:
        """A measure."""
        if isinstance(formula, Total):
            return self.total(formula)
        if isinstance(formula, Ratio):
            factor = f" * {formula.factor}" if formula.factor != 1 else ""
            first, second = self._measure(formula.first), self._measure(formula.second)
            return f"IF(NOT ISBLANK({first}), DIVIDE({first}{factor}, {second}))"
        if isinstance(formula, Difference):
            first, second = self._measure(formula.first), self._measure(formula.second)
            return f"IF(NOT ISBLANK({first}) && NOT ISBLANK({second}), {first} - {second})"
        if isinstance(formula, ToDate):
            return f"CALCULATE({self.total(formula.total)}, DATES{formula.grain[0].upper()}TD({self.dates}))"
        return self._change(formula)

    def total(self, total: Total) -> str:
        """A sum or a count."""
        conditions = [self._condition(each) for each in total.conditions]
        if len(total.columns) > 1:
            conditions += [f"NOT ISBLANK({self._column(name)})" for name in total.columns]
        rows = f"FILTER({self.table}, {' && '.join(conditions)})" if conditions else self.table
        if not total.columns or total.aggregation == "count":
            if total.columns:
                named = f"NOT ISBLANK({self._column(total.columns[0])})"
                rows = f"FILTER({self.table}, {' && '.join([*conditions, named])})"
            return f"COUNTROWS({rows})"
        amount = " + ".join(self._column(name) for name in total.columns)
        return f"SUMX({rows}, {amount})" if conditions else f"SUM({amount})"

    def _change(self, change: Change) -> str:
        now = self._measure(change.metric)
        before = f"CALCULATE({now}, DATEADD({self.dates}, -{change.count}, {change.grain.upper()}))"
        return f"VAR __before = {before} RETURN IF(NOT ISBLANK({now}) && NOT ISBLANK(__before), {now} - __before)"

    def _measure(self, name: str) -> str:
        return f"[{self.label(name)}]"

    def _column(self, name: str) -> str:
        return f"{self.table}[{name}]"

    def _condition(self, condition: Condition) -> str:
        column = self._column(condition.column)
        return {
            "zero_or_unknown": f"(ISBLANK({column}) || {column} = 0)",
            "known": f"NOT ISBLANK({column})",
            "true": f"{column} = TRUE()",
            "equals": f'{column} = "{condition.value}"',
        }[condition.test]


class Tableau:
    """Tableau's calculations; other metrics are fields in brackets, named by `field`."""

    def __init__(self, field: Callable[[str], str]) -> None:
        self.field = field

    def formula(self, formula: Formula) -> str | None:
        """A calculated field; None for what needs a calendar, which Tableau does on the sheet."""
        if isinstance(formula, Total):
            return self._total(formula)
        if isinstance(formula, Difference):
            return f"{self.field(formula.first)} - {self.field(formula.second)}"
        if isinstance(formula, Ratio):
            factor = f" * {formula.factor}" if formula.factor != 1 else ""
            first, second = self.field(formula.first), self.field(formula.second)
            return f"IF {second} != 0 THEN {first}{factor} / {second} END"
        return None

    def _total(self, total: Total) -> str:
        amount = " + ".join(f"[{name}]" for name in total.columns) or "1"
        if total.conditions:
            amount = f"IF {' AND '.join(self._condition(each) for each in total.conditions)} THEN {amount} END"
        return f"{total.aggregation.upper()}({amount})"

    def _condition(self, condition: Condition) -> str:
        column = f"[{condition.column}]"
        return {
            "zero_or_unknown": f"IFNULL({column}, 0) = 0",
            "known": f"NOT ISNULL({column})",
            "true": column,
            "equals": f"{column} = '{condition.value}'",
        }[condition.test]
