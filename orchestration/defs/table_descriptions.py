"""What each raw table holds, in the words that the catalogue shows: those of the sources' specs.

Put here: finding the sentence of a table. Keep out: columns, sentences of sources.
"""

from ingestion.catalog import CATALOG
from ingestion.vocabulary.spec import SHARED_TABLES

_OF_SOURCES = {(spec.dataset, name): table.sentence for spec in CATALOG for name, table in spec.tables.items()}
_OWN = {
    ("raw_landing", "notes"): "What landing noticed and a person should know, as long as it holds, with the remedy."
}


def describe(dataset: str, table: str) -> str:
    """The sentence of a table."""
    return (_OF_SOURCES | _OWN).get((dataset, table)) or SHARED_TABLES[table]
