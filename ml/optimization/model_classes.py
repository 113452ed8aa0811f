"""Which models may stand in for one another: capability classes by name.

Put here: the classes and families of model names. Keep out: prices.
The classes are an editorial judgement from the providers' own model pages (their "flagship", "mini", "lite" lines),
not a benchmark result. A name that matches nothing has no class and gets no recommendation.
"""

from __future__ import annotations

import re

_CLASSES: tuple[tuple[str, str], ...] = (
    ("embedding", r"embed"),
    ("speech", r"whisper|tts|audio|transcribe|realtime|speech|voice|live"),
    ("image", r"image|dall-e|imagen|flux|stable-diffusion|veo|sora"),
    ("rerank", r"rerank"),
    ("moderation", r"moderation|guard|safety"),
    ("search", r"search|sonar|deep-research"),
    ("nano", r"nano|flash-lite|flash-8b|nova-micro|nova-lite|ministral|command-r7b|(?<![\d.])[1-9]b(?!\d)"),
    (
        "small",
        r"(?<!ge)mini(?!max)|haiku|flash|mistral-small|open-mistral-nemo|codestral|gpt-oss-20b|(?<!\d)(1[0-9]|2[0-9]|3[0-2])b",
    ),
    ("frontier", r"opus|gpt-\d[\d.]*-pro|o1-pro|o3-pro|^o1($|-\d|-preview)|gpt-4\.5"),
    ("reasoning", r"^o3($|-\d)|reasoner|deepseek-r1|magistral"),
    ("general", r"gpt-4|gpt-5|sonnet|gemini-.*pro|mistral-(large|medium)|command-(a|r)|nova-(pro|premier)|grok-\d"),
    ("large_open", r"(?<!\d)(70|72|90|120|405)b|mixtral|deepseek-(chat|v3)|kimi|qwen.*max|glm-4|maverick|scout"),
)
_COMPILED = tuple((name, re.compile(pattern)) for name, pattern in _CLASSES)
_FAMILY = re.compile(r"^[a-z]+")


def classify_model(model_id: str | None) -> str | None:
    """The capability class of a model name, None when it is not known. First match wins, narrow classes first."""
    if not model_id:
        return None
    name = model_id.lower().rsplit("/", 1)[-1]
    return next((label for label, pattern in _COMPILED if pattern.search(name)), None)


def model_family(model_id: str) -> str:
    """The leading word of the name (`gpt`, `claude`, `gemini`): models of one family behave most alike."""
    match = _FAMILY.match(model_id.lower().rsplit("/", 1)[-1])
    return match.group(0) if match else model_id.lower()
