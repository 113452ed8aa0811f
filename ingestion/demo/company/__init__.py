"""A company that does not exist, with all the files a real one would drop.

`generate` writes them; `GroundTruth` says what is true about them. `docs/sample_company.md` describes the
company and everything planted in it. Put here: nothing but these names.
"""

from ingestion.demo.company.generator import generate
from ingestion.demo.company.truth import GroundTruth, PlantedFact

__all__ = ["GroundTruth", "PlantedFact", "generate"]
