"""Reading the day files that API sources spool: lines, typed fields, rows of raw tables.

Put here: what the parsers of every provider share. Keep out: any one provider, fetching.
"""

from ingestion.reading.spooled.fields import Fields, Refused
from ingestion.reading.spooled.lines import EMPTY_PAGE, Line, day_of, spooled_lines
from ingestion.reading.spooled.repeats import Repeats
from ingestion.reading.spooled.rows import Row, parse_lines

__all__ = ["EMPTY_PAGE", "Fields", "Line", "Refused", "Repeats", "Row", "day_of", "parse_lines", "spooled_lines"]
