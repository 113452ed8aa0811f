"""`costops price`, `compare-models`, `conversation`: what usage would cost, before anybody spends it.

Put here: arguments, questions, printed tables. Keep out: prices (`orchestration.pricing`), arithmetic (`ml.quotes`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.commands.shared import Format, FormatOption, HomeOption, console, fail, print_json, settings_of
from orchestration.home.clock import utc_now

if TYPE_CHECKING:
    from orchestration.pricing.price_book import PriceBook, PricedModel


ModelOption = Annotated[
    str, typer.Option("--model", "-m", help="Model by any name: gpt-5, openai/gpt-5, a Bedrock id.")
]
ProviderOption = Annotated[
    str, typer.Option("--provider", help="Who serves and bills it. Default: by the model's name.")
]
DateOption = Annotated[
    str | None, typer.Option("--date", help="Day or instant of the prices (UTC; a day means noon). Default: now.")
]
InputOption = Annotated[int, typer.Option("--input", min=0, help="Input tokens that come from no cache.")]
OutputOption = Annotated[int, typer.Option("--output", min=0, help="Output tokens, reasoning included.")]
CachedOption = Annotated[int, typer.Option("--cached", min=0, help="Input tokens read from a cache, besides --input.")]
AccountOption = Annotated[str | None, typer.Option("--account", help="Account, for contracts that name one.")]
TierOption = Annotated[str, typer.Option("--tier", help="Service tier: flex, priority, … Default: standard.")]
SpeedOption = Annotated[str, typer.Option("--speed", help="Speed mode: fast. Default: standard.")]
RegionOption = Annotated[
    str, typer.Option("--region", help="Where it runs: us (Anthropic, OpenAI), a Vertex region. Default: anywhere.")
]
BatchOption = Annotated[bool, typer.Option("--batch", help="Processed as a batch.")]


def register(app: typer.Typer) -> None:
    """Add the commands to `costops`."""
    app.command()(price)
    app.command(name="compare-models")(compare_models)
    app.command()(conversation)


def price(
    model: ModelOption,
    input_: InputOption = 0,
    output: OutputOption = 0,
    cached: CachedOption = 0,
    cache_write: Annotated[int, typer.Option(min=0, help="Input tokens written to a cache, lifetime not said.")] = 0,
    cache_write_5m: Annotated[int, typer.Option("--cache-write-5m", min=0, help="… for five minutes.")] = 0,
    cache_write_1h: Annotated[int, typer.Option("--cache-write-1h", min=0, help="… for an hour.")] = 0,
    audio_input: Annotated[int, typer.Option(min=0, help="Audio input tokens.")] = 0,
    audio_output: Annotated[int, typer.Option(min=0, help="Audio output tokens.")] = 0,
    image_input: Annotated[int, typer.Option(min=0, help="Image input tokens.")] = 0,
    image_output: Annotated[int, typer.Option(min=0, help="Image output tokens.")] = 0,
    audio_seconds: Annotated[float, typer.Option(min=0, help="Seconds of audio, where time is what is priced.")] = 0,
    web_searches: Annotated[int, typer.Option(min=0, help="Web searches.")] = 0,
    meter: Annotated[
        list[str] | None, typer.Option(help="Any other meter of dbt_project/seeds/meters.csv, as name=quantity.")
    ] = None,
    date_: DateOption = None,
    tier: TierOption = "",
    batch: BatchOption = False,
    speed: SpeedOption = "",
    region: RegionOption = "",
    provider: ProviderOption = "",
    account: AccountOption = None,
    home: HomeOption = None,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Price one request: the cost of each meter and the price row it comes from, at list and contracted prices."""
    from ml.quotes import Customer, quote_usage
    from orchestration.pricing.price_book import METER_KINDS, PriceBook
    from orchestration.pricing.quote_tables import print_quote, quote_record

    at = _instant(date_)
    quantities = {
        "uncached_input": input_,
        "cache_read": cached,
        "cache_write": cache_write,
        "cache_write_5m": cache_write_5m,
        "cache_write_1h": cache_write_1h,
        "output": output,
        "audio_input": audio_input,
        "audio_output": audio_output,
        "image_input": image_input,
        "image_output": image_output,
        "audio_millisecond": round(audio_seconds * 1000),
        "web_search": web_searches,
    }
    quantities |= _other_meters(meter or [], quantities)
    if not any(quantities.values()):
        raise fail("nothing to price; say how much, for instance --input 10000 --output 1000", 2)
    book = PriceBook(settings_of(home))
    found = _find(book, model, provider, batch, tier, speed, region)
    quote = quote_usage(
        found.offer.prices,
        quantities,
        at=at,
        price_variant=found.price_variant,
        kinds=METER_KINDS,
        offers=book.negotiated,
        customer=Customer(found.provider_id, found.names, account),
    )
    if format_ is Format.JSON:
        print_json(quote_record(found, quote, at, book.notes))
    else:
        print_quote(console, found, quote, at, book.notes)


def compare_models(
    requests: Annotated[int, typer.Option("--requests", min=1, help="Requests a day.")],
    input_: InputOption = 0,
    output: OutputOption = 0,
    cached: CachedOption = 0,
    models: Annotated[str | None, typer.Option("--models", help="Compare these only: names, joined by commas.")] = None,
    provider: Annotated[
        str | None,
        typer.Option("--provider", help="Providers, joined by commas, or all. Default: the makers of models."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Models shown.")] = 20,
    date_: DateOption = None,
    account: AccountOption = None,
    home: HomeOption = None,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Rank models by what the same request costs, with the cost of a month (30.4375 days) and the context window.

    Tokens are per request. The same tokens: models count and answer differently, so the ranking is a first guess.
    """
    from ingestion.vocabulary.makers import COMPARED_PROVIDERS
    from ml.quotes import compare_models as compare
    from orchestration.pricing.price_book import METER_KINDS, PriceBook
    from orchestration.pricing.quote_tables import print_ranking, ranking_record

    if not input_ + output + cached:
        raise fail("nothing to compare; say how much a request uses, for instance --input 3000 --output 500", 2)
    at = _instant(date_)
    book = PriceBook(settings_of(home))
    if models:
        offers = [_find(book, name.strip(), "", False, "").offer for name in models.split(",") if name.strip()]
    else:
        wanted = tuple(part.strip() for part in provider.split(",")) if provider else COMPARED_PROVIDERS
        known = book.provider_ids
        wanted = known if wanted == ("all",) else wanted
        if unknown := sorted(set(wanted) - set(known)):
            raise fail(f"unknown provider {', '.join(unknown)}; the list knows {', '.join(known)}", 2)
        offers = list(book.models(wanted))
    quantities = {"uncached_input": input_, "cache_read": cached, "output": output}
    ranked = compare(
        offers,
        quantities,
        requests_per_day=requests,
        at=at,
        kinds=METER_KINDS,
        offers=book.negotiated,
        account_id=account,
    )
    if format_ is Format.JSON:
        print_json(ranking_record(ranked, quantities, requests, at, book.notes))
    else:
        shown = len(ranked) if models else limit
        print_ranking(console, ranked, quantities, requests, at, shown, book.notes)


def conversation(
    model: ModelOption,
    turns: Annotated[int, typer.Option(min=1, max=10_000, help="Turns: a message and its reply.")],
    system: Annotated[int, typer.Option(min=0, help="Tokens of the system prompt and tools.")] = 0,
    user: Annotated[int, typer.Option(min=0, help="Tokens of each message.")] = 200,
    reply: Annotated[int, typer.Option(min=0, help="Tokens of each reply.")] = 400,
    carried: Annotated[
        float, typer.Option("--carried", min=0, max=1, help="Part of each turn that later ones send again.")
    ] = 1,
    cached: Annotated[
        bool, typer.Option("--cached/--no-cache", help="Which cost by turn is drawn; both totals are always given.")
    ] = True,
    date_: DateOption = None,
    tier: TierOption = "",
    provider: ProviderOption = "",
    account: AccountOption = None,
    home: HomeOption = None,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Show how a conversation's context and cost grow, since every turn sends all that was said before."""
    from ml.quotes import ConversationPlan, Customer, project_conversation
    from orchestration.pricing.conversation_tables import conversation_record, print_conversation
    from orchestration.pricing.price_book import METER_KINDS, PriceBook

    at = _instant(date_)
    book = PriceBook(settings_of(home))
    found = _find(book, model, provider, False, tier)
    plan = ConversationPlan(turns, system, user, reply, Decimal(str(carried)))
    if not plan.input_tokens(turns) + reply:
        raise fail("a conversation without tokens costs nothing; give --system, --user or --reply", 2)
    projected = project_conversation(
        found.offer.prices,
        plan,
        at=at,
        price_variant=found.price_variant,
        kinds=METER_KINDS,
        context_window=found.offer.context_window,
        offers=book.negotiated,
        customer=Customer(found.provider_id, found.names, account),
    )
    if format_ is Format.JSON:
        print_json(conversation_record(found, plan, projected, at, book.notes))
    else:
        print_conversation(console, found, plan, projected, at, cached, book.notes)


def _find(
    book: PriceBook, model: str, provider: str, batch: bool, tier: str, speed: str = "", region: str = ""
) -> PricedModel:
    from orchestration.pricing.price_book import UnknownModelError

    try:
        return book.find(model, provider=provider, is_batch=batch, tier=tier, speed=speed, region=region)
    except UnknownModelError as error:
        close = f"; closest: {', '.join(error.candidates)}" if error.candidates else ""
        raise fail(f"no price list entry for {model!r} ({error.reason}){close}", 2) from None


def _instant(text: str | None) -> datetime:
    """The instant of the prices, naive UTC; a plain date means its noon."""
    if text is None:
        return utc_now()
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise fail(f"--date {text!r} is no date; write it as 2026-01-31 or 2026-01-31T18:30", 2) from None
    at = at.replace(hour=12) if len(text) == len("2026-01-31") else at
    return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at


def _other_meters(given: list[str], named: Mapping[str, int]) -> dict[str, int]:
    from ingestion.vocabulary.meters import METERS_BY_NAME

    found = {}
    for text in given:
        name, _, quantity = text.partition("=")
        if name not in METERS_BY_NAME or not quantity.isdigit():
            raise fail(f"--meter {text!r}: write name=quantity; names are {', '.join(METERS_BY_NAME)}", 2)
        if named.get(name):
            raise fail(f"--meter {text!r}: {name} is given twice", 2)
        found[name] = int(quantity)
    return found
