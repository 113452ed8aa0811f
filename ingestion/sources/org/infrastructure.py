"""What `gpu_inventory.csv` and `infrastructure_rates.csv` must satisfy: a machine or GPU, how it is paid, full hours.

Put here: rules of a single row. Keep out: reading, references, what an hour costs (dbt: `int_gpu_hours`).
"""

from __future__ import annotations

from calendar import monthrange
from datetime import datetime

from ingestion.sources.org.currencies import currency_of
from ingestion.sources.org.model import BEGINNING, END, UNITS_OF_RESOURCES, Row

MONTHS_OF_TERM = {"reserved_1y": 12, "reserved_3y": 36}
MOST_MONTHS = 600
MOST_GPUS = 256


def complete_gpu(row: Row) -> None:
    """Fills the count, currency and term; rejects what does not fit how the machine is paid for."""
    values = row.values
    if not values["host"] and not values["gpu_id"]:
        row.reject("host", "missing_value", "host and gpu_id are both empty; name the machine, the GPU or both")
    _lower(row, "gpu_type", "provider", "region", "instance_type")
    values["currency"] = currency_of(row)
    _count(row)
    _full_hours(row)
    _payment(row)


def _lower(row: Row, *columns: str) -> None:
    for column in columns:
        row.values[column] = (row.values[column] or "").strip().lower() or None


def _count(row: Row) -> None:
    values = row.values
    if values["gpu_id"]:
        if values["gpu_count"] not in (None, 1):
            row.reject("gpu_count", "unexpected_value", "a row with a gpu_id is one GPU; empty gpu_count or gpu_id")
        values["gpu_count"] = 1
    elif not values["gpu_count"]:
        row.reject(
            "gpu_count", "missing_value", "how many GPUs the machine has is not said; without it silent ones are unseen"
        )
    elif values["gpu_count"] > MOST_GPUS:
        row.reject("gpu_count", "amount_out_of_range", f"{values['gpu_count']} GPUs; give 1 to {MOST_GPUS}")


def _full_hours(row: Row) -> None:
    for column in ("valid_from", "valid_to", "term_start"):
        moment = row.values[f"{column}_utc"]
        if (moment.minute, moment.second, moment.microsecond) != (0, 0, 0):
            row.reject(
                column, "invalid_time", f"{moment} is no full hour (UTC); an hour of a GPU has one rate and owner"
            )


def _payment(row: Row) -> None:
    values, option = row.values, row.values["purchase_option"]
    price, months = values["purchase_price"], values["depreciation_months"]
    if option == "owned":
        if price is None:
            row.reject("purchase_price", "missing_value", "an owned machine needs it; 0 where it is paid off")
        if months is None:
            row.reject("depreciation_months", "missing_value", "an owned machine needs it; fill it in")
        elif not 1 <= months <= MOST_MONTHS:
            row.reject("depreciation_months", "amount_out_of_range", f"{months} months; give 1 to {MOST_MONTHS}")
    else:
        for column in ("purchase_price", "depreciation_months"):
            if values[column] is not None:
                row.reject(column, "unexpected_value", f"only an owned machine has {column}; empty it")
    if values["upfront"] is not None and option not in MONTHS_OF_TERM:
        row.reject("upfront", "unexpected_value", f"{option} has no upfront; empty it, or say reserved_1y")
    term = months if option == "owned" else MONTHS_OF_TERM.get(str(option))
    _term(row, term, has_amount=bool(price or values["upfront"]))


def _term(row: Row, months: int | None, *, has_amount: bool) -> None:
    """The time over which what was paid at once is spread; it begins with the row where nothing else is said."""
    values = row.values
    start = values["term_start_utc"]
    if start == END:
        start = values["valid_from_utc"]
    if months is None:
        values["term_start_utc"] = values["term_end_utc"] = None
        return
    if start == BEGINNING:
        if has_amount:
            row.reject("term_start", "missing_value", "from when the amount counts is not said; fill valid_from or it")
        values["term_start_utc"] = values["term_end_utc"] = None
        return
    values["term_start_utc"], values["term_end_utc"] = start, months_later(start, months)


def months_later(moment: datetime, months: int) -> datetime:
    """The same day and time so many months later; the last day of a shorter month."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + min(months, MOST_MONTHS), 12)
    return moment.replace(year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1]))


def complete_infrastructure_rate(row: Row) -> None:
    """Fills unit, option and term; rejects an upfront without one, and GPUs where there are none."""
    values = row.values
    _lower(row, "sku", "gpu_type", "provider", "region")
    kind = values["resource_type"]
    values["purchase_option"] = values["purchase_option"] or "on_demand"
    values["currency"] = currency_of(row)
    values["unit"] = values["unit"] or UNITS_OF_RESOURCES.get(kind)
    if kind == "gpu_hour":
        values["gpu_type"] = values["gpu_type"] or values["sku"]
        if values["gpus_per_instance"] not in (None, 1):
            row.reject(
                "gpus_per_instance", "unexpected_value", "a gpu_hour is of one GPU; empty it, or say instance_hour"
            )
        values["gpus_per_instance"] = 1
    elif kind == "instance_hour":
        if bool(values["gpu_type"]) != bool(values["gpus_per_instance"]):
            row.reject("gpus_per_instance", "missing_value", "gpu_type and gpus_per_instance go together; fill in both")
    elif values["gpu_type"] or values["gpus_per_instance"]:
        row.reject("gpu_type", "unexpected_value", f"a {kind} has no GPUs; empty gpu_type and gpus_per_instance")
    if (values["gpus_per_instance"] or 1) > MOST_GPUS:
        row.reject("gpus_per_instance", "amount_out_of_range", f"give 1 to {MOST_GPUS}")
    term = values["term_months"]
    values["term_months"] = term if term is not None else MONTHS_OF_TERM.get(str(values["purchase_option"]))
    if values["upfront"] and not values["term_months"]:
        row.reject("term_months", "missing_value", "an upfront needs term_months; fill it in")
    if not 1 <= (values["term_months"] or 1) <= MOST_MONTHS:
        row.reject("term_months", "amount_out_of_range", f"{values['term_months']} months; give 1 to {MOST_MONTHS}")
