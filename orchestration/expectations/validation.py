"""Tries suites with Great Expectations, in a context that leaves no files.

Put here: running its engine, its results in words. Keep out: suites.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from orchestration.expectations.library import great_expectations
from orchestration.text.terminal import stripped

MOST_EXAMPLES = 8
LONGEST = 120
MISSED = {
    "expect_column_values_to_not_be_null": "{about} is empty",
    "expect_column_values_to_be_between": "{about} is out of range",
    "expect_column_values_to_match_regex": "{about} has a form that is not known",
    "expect_column_values_to_be_in_set": "{about} has new values",
    "expect_column_pair_values_a_to_be_greater_than_b": "{first} is less than {second}",
    "expect_column_pair_values_to_be_equal": "{first} and {second} differ",
    "expect_column_kl_divergence_to_be_less_than": "{about} is spread otherwise than before, divergence",
}
"""What it means that an expectation of a type does not hold."""


@dataclass(frozen=True)
class Outcome:
    """One expectation: its type, what it is about, whether it held, what was seen."""

    expectation: str
    about: str
    is_met: bool
    seen: str

    @property
    def missed(self) -> str:
        """What it means that it does not hold."""
        first, _, second = self.about.partition(", ")
        words = MISSED.get(self.expectation, f"{self.expectation}({{about}})")
        return words.format(about=self.about, first=first, second=second)


@dataclass(frozen=True)
class SuiteResult:
    """The outcome of one suite."""

    outcomes: tuple[Outcome, ...]

    @property
    def failures(self) -> tuple[str, ...]:
        """In words, each that did not hold and what was seen."""
        return tuple(f"{each.missed}: {each.seen}" for each in self.outcomes if not each.is_met)

    @property
    def passed(self) -> bool:
        """Whether every expectation held."""
        return not self.failures


def validate(
    frame: pd.DataFrame, expectations: Sequence[Any], *, suite_name: str, key: tuple[str, ...] = ()
) -> SuiteResult:
    """Validate a frame; NULLs are left to the not-null expectations, as everywhere in Great Expectations.

    `key`: columns of a small frame that say which row it is; results name it.
    """
    if not expectations:
        return SuiteResult(())
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    gx = great_expectations()

    # This one logger has a level of its own, and says which temporary directory it makes.
    logging.getLogger("great_expectations.data_context.types.base").setLevel(logging.ERROR)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    batch_definition = (
        context.data_sources.add_pandas(suite_name)
        .add_dataframe_asset(suite_name)
        .add_batch_definition_whole_dataframe("all")
    )
    suite = context.suites.add(gx.ExpectationSuite(name=suite_name, expectations=list(expectations)))
    batch = batch_definition.get_batch(batch_parameters={"dataframe": frame})
    form: Any = {"result_format": "COMPLETE", "unexpected_index_column_names": list(key)} if key else "SUMMARY"
    outcome = batch.validate(suite, result_format=form)
    return SuiteResult(tuple(_outcome(result) for result in outcome.results))


def _outcome(result: Any) -> Outcome:
    arguments = result.expectation_config.kwargs
    column = arguments.get("column") or f"{arguments.get('column_A')}, {arguments.get('column_B')}"
    if condition := arguments.get("row_condition"):
        shown = condition.get("pass_through_filter", condition) if isinstance(condition, dict) else condition
        column = f"{column} where {shown}"
    return Outcome(result.expectation_config.type, column, bool(result.success), _seen(result))


def _seen(result: Any) -> str:
    """What was found, a few values of it; they come from outside and are shown as text."""
    found = result.result
    if (missed := found.get("unexpected_count")) is not None:
        missing = found.get("unexpected_index_list") or found.get("partial_unexpected_list") or []
        examples = list(dict.fromkeys(map(_text, missing)))[:MOST_EXAMPLES]
        more = f": {', '.join(examples)}" if examples and missed else ""
        return f"{missed} of {found.get('element_count')} rows{more}"
    if (value := found.get("observed_value")) is not None:
        return _text(round(value, 4) if isinstance(value, float) else value)
    return _text(result.exception_info)


def _text(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_text(each)}" for name, each in value.items())[: 3 * LONGEST]
    shown = " / ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
    shown = shown.removesuffix(" 00:00:00")
    return stripped(shown)[:LONGEST]
