"""Tables read as text: CSV and Parquet to batches of string columns with row numbers.

Put here: reading that keeps every digit and names every bad row. Keep out: what columns mean.
"""

from ingestion.reading.tabular.model import TableReader, TextBatch
from ingestion.reading.tabular.open import open_table, table_names

__all__ = ["TableReader", "TextBatch", "open_table", "table_names"]
