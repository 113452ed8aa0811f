"""`costops commitments`: what is committed, what of it is used, and whether to buy, renew or shrink.

Put here: arguments, errors in words. Keep out: reading and advice (`orchestration.pricing`).
"""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration.commands.shared import (
    Format,
    FormatOption,
    HomeOption,
    console,
    fail,
    print_json,
    published,
    settings_of,
)
from orchestration.home.clock import utc_now


def register(app: typer.Typer) -> None:
    """Add the command to `costops`."""
    app.command()(commitments)


def commitments(
    cloud: Annotated[str, typer.Option("--cloud", help="Whose reserved rates count for GPUs on demand.")] = "aws",
    home: HomeOption = None,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Show what is committed, used, spilled over and stranded, and what to buy, renew or shrink.

    Advice reserves what is needed at least (effective reserved rate ÷ on-demand rate) of the time, upfront included,
    and never more than what pays in a week of low usage.
    """
    import duckdb

    from ingestion.sources.org.pipeline import read_folder
    from orchestration.pricing.commitment_book import judge_commitments, judge_gpus, read_months
    from orchestration.pricing.commitment_tables import commitments_record, print_commitments
    from orchestration.pricing.infrastructure_book import InfrastructureBook, UnknownRateError

    settings, at = settings_of(home), utc_now()
    book = InfrastructureBook(settings, at)
    try:
        book.check_cloud(cloud)
    except UnknownRateError as error:
        raise fail(f"--cloud: {error}", 2) from None
    table = read_folder(settings.org_dir)["commitments"]
    declared = [row.values for row in table.good if row.valid[0] <= at < row.valid[1]]
    notes = [problem.message for problem in table.problems]
    notes += [row.problem.message for row in table.rows if row.problem is not None]
    with published(home) as connection:
        try:
            months = read_months(connection)
            judged = [*judge_commitments(connection, declared, at), *judge_gpus(connection, book, at, cloud)]
        except duckdb.CatalogException:
            raise fail("no commitments are published yet; costops run builds them") from None
    notes += list(dict.fromkeys(book.notes))
    if format_ is Format.JSON:
        print_json(commitments_record(months, judged, notes))
    else:
        print_commitments(console, months, judged, notes)
