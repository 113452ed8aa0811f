"""What is known of an API or tool before one of its records is looked at.

Put here: the traits by which they differ. Keep out: what a record shows (`relations`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

_GOOGLE = re.compile(r"gemini|gemma|palm", re.IGNORECASE)


def is_of_google(*models: str | None) -> bool:
    """Whether a model is one of Google's, whose totals hold thinking that no counter shows."""
    return any(_GOOGLE.search(model) for model in models if model)


def is_of_xai(*models: str | None) -> bool:
    """Whether a model is one of xAI's, which count reasoning in the total and on no side."""
    return any("grok" in model.lower() for model in models if model)


@dataclass(frozen=True)
class Family:
    """What is known of an API or tool before a record is looked at.

    `cache_is_beside`, `reasoning_is_beside`: how it counts where the record does not show it. `is_certain`: its
    reference says so, and printed totals are no question. `total_is_sum`: the tool itself adds input and output up, so
    that a total equal to their sum shows nothing. `parts_join`: parts by modality lie where cached tokens do.
    `total_holds_thinking`: a total above its parts is thinking that is not itemised (Google).
    `reasoning_may_be_beside`: reasoning above the output lies beside it and is no contradiction (Google, xAI).
    `is_embedding`: everything the record counts is input.
    """

    name: str
    input_field: str = "usage.input_tokens"
    output_field: str = "usage.output_tokens"
    cache_is_beside: bool = False
    reasoning_is_beside: bool = False
    is_certain: bool = False
    total_is_sum: bool = False
    parts_join: bool = False
    total_holds_thinking: bool = False
    reasoning_may_be_beside: bool = False
    is_embedding: bool = False
    assumption: str | None = None

    def with_(self, **changes: object) -> Family:
        """The family with other traits."""
        return replace(self, **changes)  # type: ignore[arg-type]
