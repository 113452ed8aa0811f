"""Run alone: `python -m ingestion.demo.company FOLDER [LAST_DATE]` (default: yesterday, UTC)."""

import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from ingestion.demo.company.generator import generate


def main(arguments: list[str]) -> int:
    """Generate the whole company below a folder; 2 when called wrongly."""
    if not 1 <= len(arguments) <= 2:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    last = date.fromisoformat(arguments[1]) if len(arguments) == 2 else yesterday
    generate(Path(arguments[0]), last_date=last, progress=lambda text: print(text, flush=True))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
