"""Who sends or provides something, under the names that bills give them: one name for a vendor's spellings.

FOCUS leaves names of providers and issuers to the exporter, and exporters change theirs (`AWS`, `Amazon Web Services,
Inc.`). Put here: names that mean one vendor. Keep out: providers of models as clients report them
(`sources/prices/provider_names`).
"""

from __future__ import annotations

import re
from functools import lru_cache

_LEGAL = re.compile(r"\b(inc|llc|ltd|limited|corp|corporation|co|company|gmbh|opco|plc|pbc|bv|sas|sa|ag)\b")
_SAME = {
    "amazon": "aws",
    "amazon web services": "aws",
    "amazon web services aws": "aws",
    "aws amazon web services": "aws",
    "azure": "microsoft",
    "microsoft azure": "microsoft",
    "gcp": "google cloud",
    "google": "google cloud",
    "google cloud platform": "google cloud",
    "oci": "oracle",
    "oracle cloud": "oracle",
    "oracle cloud infrastructure": "oracle",
}


@lru_cache(maxsize=10_000)
def one_vendor(name: str) -> str:
    """A vendor's name without case, punctuation and legal form; a known spelling of a cloud as that cloud.

    Companies of one group (`Amazon Web Services EMEA SARL`) stay apart: they send invoices of their own.
    """
    words = re.sub(r"[^\w]+", " ", name.lower()).strip()
    bare = " ".join(_LEGAL.sub(" ", words).split()) or words
    return _SAME.get(bare, bare)
