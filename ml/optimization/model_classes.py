"""Which models may stand in for one another: capability classes by name.

Put here: classes, families and generations of model names. Keep out: prices.
The classes are an editorial judgement from the providers' own product lines (flagship, mini, lite), not a benchmark
result. A name that matches nothing has no class and gets no recommendation.
"""

from __future__ import annotations

import re

_SIZE = r"(?<![a-z\d.])"
_CLASSES: tuple[tuple[str, str], ...] = (
    ("embedding", r"embed"),
    ("speech", r"whisper|tts|audio|transcribe|realtime|speech|voice|live|sonic|voxtral|orpheus"),
    ("image", r"image|dall-e|imagen|banana|flux|stable-diffusion|veo|sora"),
    ("rerank", r"rerank"),
    ("moderation", r"moderation|guard|safety"),
    ("search", r"search|sonar|deep-research|computer-use|robotics"),
    ("large_open", r"mixtral|maverick|scout|deepseek-(chat|v3)|kimi|qwen.*max"),
    ("nano", rf"nano|flash-lite|flash-8b|nova-(\d-)?(micro|lite)|ministral|command-r7b|{_SIZE}[1-9]b(?!\d)"),
    ("small", rf"(?<!ge)mini(?!max)|haiku|flash|mistral-small|nemo(?!tron)|codestral|{_SIZE}([12]\d|3[0-2])b(?!\d)"),
    ("frontier", r"opus|gpt-\d[\d.]*-pro|^o1($|-\d|-preview|-pro)|^o3-pro|gpt-4\.5"),
    ("reasoning", r"^o3($|-\d)|reasoner|deepseek[-.]r1|magistral"),
    ("general", r"gpt-(4o|4-turbo|4\.1|4|5(\.\d)?)(-codex|-\d.*)?$|sonnet|gemini-.*pro|mistral-(large|medium)"),
    ("general", r"command-(a|r)|nova-(\d-)?(pro|premier)|grok-\d[\d.]*(-\d{4})?$"),
    ("large_open", rf"{_SIZE}(3[3-9]|[4-9]\d|\d{{3}})b(?!\d)"),
)
_COMPILED = tuple((name, re.compile(pattern)) for name, pattern in _CLASSES)
_PLACE = re.compile(r"^(global|regional|us|eu|apac|jp|au)\.")
_VENDOR = re.compile(r"^[a-z]+\.(?=[a-z])")
_FAMILY = re.compile(r"^[a-z]+")
_GENERATION = re.compile(r"(?<![\d.])(\d{1,2})(?:[.-](\d{1,2}))?(?!\d)")


def classify_model(model_id: str | None) -> str | None:
    """The capability class of a model name, None when it is not known. First match wins, narrow classes first.

    Fine-tuned models and free trial variants have none: nothing stands in for the one, the other is no offer.
    """
    if not model_id or model_id.lower().startswith("ft:") or model_id.endswith(":free"):
        return None
    name = bare_name(model_id)
    return next((label for label, pattern in _COMPILED if pattern.search(name)), None)


def model_family(model_id: str) -> str:
    """The leading word of the name (`gpt`, `claude`, `gemini`): models of one family behave most alike."""
    name = bare_name(model_id)
    match = _FAMILY.match(name)
    return match.group(0) if match else name


def model_generation(model_id: str) -> tuple[int, int] | None:
    """The first version number of the name (`claude-3-5-haiku`: 3, 5; `gpt-4o`: 4, 0), None without one."""
    match = _GENERATION.search(bare_name(model_id))
    return (int(match.group(1)), int(match.group(2) or 0)) if match else None


def model_place(model_id: str) -> str:
    """Where a routed model runs (`global`, `regional`, `eu`), '' without a prefix: data residency is not swapped."""
    match = _PLACE.match(model_id.lower())
    return match.group(1) if match else ""


def bare_name(model_id: str) -> str:
    """The name without place and vendor."""
    name = _PLACE.sub("", model_id.lower().rsplit("/", 1)[-1])
    return _VENDOR.sub("", name)
