"""Prompts far longer than usual for their purpose, cut.

Put here: words. Keep out: what inputs and outputs share (`shorter`).
"""

from __future__ import annotations

from ml.optimization.shorter import length_strategy

ACTIONS = (
    "Look at the longest requests of this purpose: whole documents, old turns, tool results that nobody reads",
    "Cut them: retrieve parts, summarise old turns, limit tool results",
)

STRATEGY = length_strategy("prompt_length", "1", "input", "shorter prompts", ACTIONS)
