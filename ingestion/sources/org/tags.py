"""What a tag must satisfy, and a spelling of a tag key: a key and no pair, and one step to the key that it means.

Put here: rules of tags and of `tag_keys.csv`. Keep out: which of two values wins.
"""

from __future__ import annotations

from ingestion.sources.org.model import OrgTable, Row


def complete_tag(row: Row, column: str) -> None:
    """A tag of a row as `key=value`, without blanks around either."""
    key, sign, value = (row.values[column] or "").partition("=")
    if not sign:
        row.reject(column, "invalid_tag", f"{row.values[column]!r} is no tag; write it as key=value")
    row.values[column] = f"{key.strip()}={value.strip()}" if sign else row.values[column]


def complete_tag_key(row: Row) -> None:
    """Checks one row on its own."""
    for column in ("spelling", "canonical_key"):
        if "=" in (row.values[column] or ""):
            row.reject(
                column, "invalid_tag_key", f"{row.values[column]!r} is a tag; write its key, what is before the ="
            )


def check_tag_keys(table: OrgTable) -> None:
    """A key that another row turns into a third means nothing of its own."""
    meanings = {row.values["spelling"]: row.values["canonical_key"] for row in table.good}
    for row in table.good:
        canonical = row.values["canonical_key"]
        if meanings.get(canonical, canonical) != canonical:
            row.reject(
                "canonical_key",
                "chained_tag_key",
                f"{canonical!r} itself stands for {meanings[canonical]!r}; write that key here or remove the other row",
            )
