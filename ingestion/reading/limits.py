"""What numbers and times may be, the same for every reader. What is beyond is set aside, never changed to fit.

Put here: limits of values. Keep out: limits of files (`ingestion.limits`), how a value is written.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

NUMBER_LIMIT = Decimal(10) ** 26
"""Below this: what `decimal(38,12)` holds."""
MAX_DECIMALS = 60
"""More are not read; 12 are kept."""
LARGEST_COUNT = 2**63 - 1
FIRST_YEAR, LAST_YEAR = 1970, 2199
FIRST_YEAR_OF_CALLS = 2000
"""A call or a sample of before was timed by a clock that was not set, or in another unit (which gives 1970)."""
FIRST_CALL = datetime(FIRST_YEAR_OF_CALLS, 1, 1)  # noqa: DTZ001 - instants are naive UTC here
AFTER_LAST_CALL = datetime(LAST_YEAR + 1, 1, 1)  # noqa: DTZ001
