"""Answers far longer than usual for their purpose, limited.

Put here: words. Keep out: what inputs and outputs share (`shorter`).
"""

from __future__ import annotations

from ml.optimization.shorter import length_strategy

ACTIONS = (
    "Look at the longest answers of this purpose",
    "Ask for short ones, lower the reasoning effort, and set a limit of output tokens",
)

STRATEGY = length_strategy("output_length", "1", "output", "shorter answers", ACTIONS)
