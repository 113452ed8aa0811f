"""From when on the public list knows prices at all: its undated prices are not those of all time.

Put here: that date and its reason. Keep out: history that a user brings (`history`).
"""

from __future__ import annotations

from datetime import datetime

LIST_KNOWS_FROM = datetime(2025, 5, 22)  # noqa: DTZ001
"""The first change of a price that the list records. What a model cost before, no undated price of it can say: gpt-4o
stands there at its price of today, which is half of that of its first months. dbt's `price_list_knows_from` is the
same."""

BEFORE_KNOWLEDGE = "price_before_list_knowledge"
