"""Bills in files as a dlt source, for any pipeline and destination (`docs/dlt_sources.md`).

Put here: arguments. Keep out: formats, tables.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import dlt

from ingestion.sources.billing.pipeline import restatements_in, source
from ingestion.sources.billing.spec import SPEC
from ingestion.standalone.resources import Write, folder_resources


@dlt.source(name="billing", section="billing")
def billing_source(folder: str = dlt.config.value, write: Write = "merge") -> Iterable[Any]:
    """One resource per table of `raw_billing`; `folder` is a path, or an fsspec address such as `s3://bucket/billing`.

    Days that a newer delivery restates are taken out of the older one, by the rules of landing.
    """
    return folder_resources(SPEC, folder, lambda place: source(place, restatements_in(place)), write)
