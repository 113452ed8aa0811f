"""`costops estimate`: what a configuration of GPUs, storage, network, services and API tokens costs in a month.

Put here: arguments, errors in words. Keep out: rates (`orchestration.pricing`), arithmetic (`ml.tco`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.commands.shared import (
    Format,
    FormatOption,
    HomeOption,
    console,
    fail,
    parse_date,
    print_json,
    settings_of,
)
from orchestration.home.clock import utc_now

if TYPE_CHECKING:
    from ml.tco.estimate import Line
    from orchestration.pricing.infrastructure_book import InfrastructureBook

PURCHASES = ("on_demand", "spot", "reserved_1y", "reserved_3y")


def register(app: typer.Typer) -> None:
    """Add the command to `costops`."""
    app.command()(estimate)


def estimate(
    gpu: Annotated[str, typer.Option("--gpu", help="Kind of GPU or instance type, by the rate list.")] = "a100-40gb",
    gpus: Annotated[int, typer.Option("--gpus", min=0, help="How many.")] = 4,
    hours_per_day: Annotated[float, typer.Option("--hours-per-day", min=0, max=24, help="Hours a day they run.")] = 24,
    purchase: Annotated[str, typer.Option("--purchase", help="on_demand, spot, reserved_1y or reserved_3y.")] = "spot",
    discount: Annotated[
        str | None,
        typer.Option(
            "--discount", "--spot-discount", help="Part off the on-demand rate, 0 to 1, in place of the list."
        ),
    ] = None,
    utilization: Annotated[
        float | None, typer.Option("--utilization", min=0.01, max=1, help="Part of the hours in which they work.")
    ] = None,
    storage_gb: Annotated[float, typer.Option("--storage-gb", min=0, help="GB stored.")] = 1000,
    storage: Annotated[str, typer.Option("--storage", help="ssd, hdd, object or archive.")] = "ssd",
    iops: Annotated[float, typer.Option("--iops", min=0, help="Provisioned IOPS.")] = 0,
    iops_type: Annotated[str, typer.Option("--iops-type", help="What they are charged as: gp3, io2.")] = "gp3",
    egress_gb: Annotated[float, typer.Option("--egress-gb", min=0, help="GB that leave.")] = 500,
    egress: Annotated[
        str, typer.Option("--egress", help="egress_internet, egress_region or ingress.")
    ] = "egress_internet",
    service: Annotated[
        list[str] | None,
        typer.Option("--service", help="Managed service: a name of the rate list, or name=USD a month. Repeat."),
    ] = None,
    api_model: Annotated[str, typer.Option("--api-model", help="Model of an API.")] = "gpt-4-turbo",
    api_tokens: Annotated[int, typer.Option("--api-tokens", min=0, help="Tokens a month, half in, half out.")] = 0,
    cloud: Annotated[str, typer.Option("--cloud", help="aws, gcp, azure or one of your rates.")] = "aws",
    month_hours: Annotated[
        str, typer.Option("--month", help="Hours of a month: 730.5, 730 or 720 (30 days).")
    ] = "730.5",
    date_: Annotated[str | None, typer.Option("--date", help="Day of the rates. Default: today (UTC).")] = None,
    home: HomeOption = None,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Estimate what a configuration costs in a month, line by line.

    Rates are the organisation's infrastructure_rates.csv, then the shipped list of the day; names that neither knows
    are an error. A discount that no rate states is an assumption, and the line says so.
    """
    from ml.tco.estimate import total
    from orchestration.pricing.estimate_tables import estimate_record, print_estimate
    from orchestration.pricing.infrastructure_book import InfrastructureBook, UnknownRateError

    if purchase not in PURCHASES:
        raise fail(f"--purchase {purchase!r} is none of {', '.join(PURCHASES)}", 2)
    hours_a_month = _number(month_hours, "--month", 1, 744)
    off = None if discount is None else _number(discount, "--discount", 0, 1)
    hours = _exact(hours_per_day) * hours_a_month / 24
    day = parse_date(date_, "--date")
    at = utc_now() if day is None else datetime(day.year, day.month, day.day, 12)  # noqa: DTZ001 - naive UTC
    settings = settings_of(home)
    book = InfrastructureBook(settings, at)
    lines: list[Line] = []
    try:
        if gpus:
            lines.append(_gpus(book, gpu, cloud, purchase, gpus, hours, off, hours_a_month))
        quantities = ((storage_gb, storage), (iops, iops_type), (egress_gb, egress))
        lines += _things(book, cloud, quantities, service or [])
    except UnknownRateError as error:
        raise fail(str(error), 2) from None
    lines += _api(home, api_model, api_tokens, at, book)
    used = None if utilization is None else _exact(utilization)
    found = total(lines, hours_a_month, hours * gpus, used)
    if format_ is Format.JSON:
        print_json(estimate_record(found, at, book.notes))
    else:
        print_estimate(console, found, at, book.notes)


def _gpus(
    book: InfrastructureBook,
    gpu: str,
    cloud: str,
    purchase: str,
    count: int,
    hours: Decimal,
    off: Decimal | None,
    hours_a_month: Decimal,
) -> Line:
    from ml.tco.estimate import RESERVED_DISCOUNT, SPOT_DISCOUNT, compute

    on_demand = book.needed("GPU", "gpu_hour", gpu, cloud)
    actual = on_demand if purchase == "on_demand" else book.find("GPU", "gpu_hour", gpu, cloud, purchase)
    return compute(
        f"{count} × {gpu.lower()}, {purchase.replace('_', ' ')}",
        on_demand,
        actual,
        count=count,
        hours=hours,
        discount=off,
        assumed_discount=SPOT_DISCOUNT if purchase == "spot" else RESERVED_DISCOUNT,
        hours_a_month=hours_a_month,
    )


def _things(
    book: InfrastructureBook, cloud: str, quantities: tuple[tuple[float, str], ...], services: list[str]
) -> Iterator[Line]:
    from ml.tco.estimate import Rate, priced

    kinds = (
        ("storage", "storage_gb_month"),
        ("IOPS type", "storage_iops_month"),
        ("traffic", "network_gb"),
    )
    for (what, kind), (quantity, name) in zip(kinds, quantities, strict=True):
        if quantity:
            rate = book.needed(what, kind, name, cloud)
            yield priced(f"{what.split()[0]} {name.lower().replace('_', ' ')}", _exact(quantity), rate)
    for text in services:
        name, has_price, usd = text.partition("=")
        if has_price:
            amount = _number(usd, f"--service {name}=", 0, 10**9)
            rate = Rate(name, cloud, "on_demand", "month", amount, "as given")
        else:
            rate = book.needed("service", "managed_service_month", name, cloud)
        yield priced(name, Decimal(1), rate)


def _api(home: object, model: str, count: int, at: datetime, book: InfrastructureBook) -> Iterator[Line]:
    from pathlib import Path

    from ml.quotes import Customer, quote_usage
    from ml.tco.estimate import halves, tokens
    from orchestration.pricing.price_book import METER_KINDS, PriceBook, UnknownModelError

    if not count:
        return
    prices = PriceBook(settings_of(home if isinstance(home, Path) else None))
    try:
        found = prices.find(model)
    except UnknownModelError as error:
        close = f"; closest: {', '.join(error.candidates)}" if error.candidates else ""
        raise fail(f"no price list entry for {model!r} ({error.reason}){close}", 2) from None
    sent, received = halves(count)
    quote = quote_usage(
        found.offer.prices,
        {"uncached_input": 1000, "output": 1000},
        at=at,
        price_variant=found.price_variant,
        kinds=METER_KINDS,
        offers=prices.negotiated,
        customer=Customer(found.provider_id, found.names, None),
    )
    book.notes += prices.notes
    for meter, share, name in (("uncached_input", sent, "in"), ("output", received, "out")):
        line = next((line for line in quote.lines if line.meter == meter), None)
        if line is None or line.contracted_cost is None:
            raise fail(f"{model} has no price for {name}put tokens on {at:%Y-%m-%d}; an unknown price is not 0", 2)
        basis = f"price list: {found.offer.provider_id}/{found.offer.model_id}" + (", own price" if line.offer else "")
        yield tokens(f"{found.offer.model_id}, tokens {name}", share, line.contracted_cost, basis)


def _exact(value: float) -> Decimal:
    return Decimal(str(value))


def _number(text: str, option: str, least: int, most: int) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise fail(f"{option} {text!r} is no number", 2) from None
    if not value.is_finite() or not least <= value <= most:
        raise fail(f"{option} {text} is not between {least} and {most}", 2)
    return value
