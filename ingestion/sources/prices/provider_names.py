"""Provider names as clients report them, and the forms model names take on the way.

Put here: spellings. Keep out: prices and the choice of a variant.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

SELF_HOSTED = frozenset(
    "custom custom_openai hosted_vllm llamafile lm_studio local localhost ollama ollama_chat openai-compatible "
    "openai_compatible openai_like petals self_hosted self-hosted tgi triton vllm xinference".split()
)
"""Servers that no public list prices, though some have a listed provider's name in theirs."""

PROVIDER_SYNONYMS = {
    "alibaba_cloud": "alibaba",
    "alibaba-cn": "alibaba",
    "aliyun": "alibaba",
    "bailian": "alibaba",
    "dashscope": "alibaba",
    "qwen": "alibaba",
    "tongyi": "alibaba",
    "az.ai.inference": "azure",
    "az.ai.openai": "azure",
    "azure.ai.inference": "azure",
    "azure.ai.openai": "azure",
    "azure_ai": "azure",
    "azure_openai": "azure",
    "azure-openai": "azure",
    "azure_text": "azure",
    "microsoft": "azure",
    "microsoft_corporation": "azure",
    "microsoft.foundry": "azure",
    "aws.bedrock": "aws",
    "amazon_bedrock": "aws",
    "amazon-bedrock": "aws",
    "bedrock": "aws",
    "vercel-ai-gateway": "vercel",
    "vertex": "google",
    "google-vertex": "google",
    "anthropic-vertex": "google",
    "anthropic_vertex": "google",
    "google_generative_ai": "google",
    "google-generative-ai": "google",
    "togetherai": "together",
    "xai": "x-ai",
    "voyage": "voyageai",
    "claude": "anthropic",
    "fireworks_ai": "fireworks",
    "fireworks-ai": "fireworks",
    "fireworks.ai": "fireworks",
    "gcp": "google",
    "gcp.gemini": "google",
    "gcp.gen_ai": "google",
    "gcp.vertex_ai": "google",
    "gen_ai": "google",
    "groqcloud": "groq",
    "meta_llama": "meta",
    "minimax_ai": "minimax",
    "mistral_ai": "mistral",
    "moonshot_ai": "moonshotai",
    "novita_ai": "novita",
    "ovhcloud_ai": "ovhcloud",
    "perplexity_ai": "perplexity",
    "together": "together",
    "together.ai": "together",
    "together_ai": "together",
    "voyage_ai": "voyageai",
    "x_ai": "x-ai",
    "x.ai": "x-ai",
    "grok": "x-ai",
    "z_ai": "zai",
    "z.ai": "zai",
    "z-ai": "zai",
    "bigmodel": "zhipuai",
    "zhipu": "zhipuai",
    "zhipu_ai": "zhipuai",
    "kimi": "moonshotai",
    "jina_ai": "jina",
    "jinaai": "jina",
    "open_ai": "openai",
    "deep_seek": "deepseek",
    "copilot": "github-copilot",
    "github_copilot": "github-copilot",
    "github_copilot_chat": "github-copilot",
    "open_router": "openrouter",
    "eleven_labs": "elevenlabs",
    "watsonx": "ibm",
    "ibm_watsonx_ai": "ibm",
    "ibm.watsonx.ai": "ibm",
    "hf": "huggingface",
    "hugging_face": "huggingface",
    "nvidia_nim": "nvidia",
    "oci": "oracle",
    "oci_genai": "oracle",
    "workers-ai": "cloudflare",
    "codestral": "mistral",
    "sagemaker_chat": "aws",
    "doubao": "volcengine",
    "volcano": "volcengine",
    "silicon_flow": "siliconflow",
    "fal_ai": "fal",
    "bfl": "black-forest-labs",
    "black_forest_labs": "black-forest-labs",
    "glm": "zhipuai",
}
"""What OpenTelemetry, LiteLLM, Langfuse and vendors' SDKs call a provider, and its id in the price list."""


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name)


_BY_LETTERS = {_letters(name): known for name, known in PROVIDER_SYNONYMS.items()} | {
    _letters(known): known for known in PROVIDER_SYNONYMS.values()
}
"""The same without what stands between words, where spellings differ most (`Together-AI`, `FireworksAI`)."""

GATEWAYS = frozenset(
    (
        "",
        *"litellm litellm_proxy gateway ai-gateway vercel".split(),
        *"strands-agents langchain langgraph spring_ai llamaindex llama_index crewai haystack semantic_kernel "
        "pydantic_ai autogen smolagents spring-ai llama-index semantic-kernel pydantic-ai".split(),
    )
)
"""Names that say who forwarded or made a request, not who served it."""

ROUTES = frozenset("converse converse_like invoke responses chat deployments models openai".split())
"""Words LiteLLM puts between provider and model that say how to call, not what."""

_SDK_APIS = frozenset(
    "responses chat completion completions embedding embeddings messages image images speech transcription "
    "generative-ai generative_ai vertex language".split()
)
"""What the Vercel AI SDK puts behind a provider's name to say which of its APIs was called."""

_LEGAL_FORM = re.compile(r",? (?:inc\.?|llc|pbc)$")
_GEOGRAPHY = re.compile(r"^(?:us-gov|us|eu|apac|au|ca|jp|uk|sa|me|af)\.(?=[a-z0-9-]+\.)")
"""Bedrock's geographic inference profiles. `global.` stays: it has prices of its own."""
_AWS_REGION = re.compile(r"^[a-z]{2}(?:-gov)?-[a-z]+-\d$")
_ARN = re.compile(r"^arn:aws[a-z-]*:bedrock:[^/]*/")
_RESOURCE = re.compile(r"^(?:projects/[^/]+/locations/[^/]+/)?publishers/[^/]+/models/")
_VERTEX_VERSION = re.compile(r"@(?=\d{8}$|\d{3}$)|@(?:default|latest)$")
_BEDROCK_ID = re.compile(r"^(?:[a-z-]+\.)?[a-z0-9-]+\.[a-z0-9.-]+-v\d+(?::\d+)?$")


def provider_id_of(reported: str) -> str | None:
    """The id to look a provider up by; None where the name says nothing about who served the request.

    Azure before everything: the list takes any name with "openai" in it for OpenAI itself.
    """
    name = _LEGAL_FORM.sub("", reported.strip().lower()).replace(" ", "_")
    if name in GATEWAYS:
        return None
    if name in PROVIDER_SYNONYMS:
        return PROVIDER_SYNONYMS[name]
    if letters := _BY_LETTERS.get(_letters(name)):
        return letters
    head, *apis = name.split(".")
    if apis and (_SDK_APIS.intersection(apis) or head in ("vertex", "google")):
        return provider_id_of(head)
    if "azure" in name:
        return "azure"
    if "bedrock" in name:
        return "aws"
    return "google" if name.startswith(("google", "vertex", "gemini")) else name


def is_bedrock_id(model: str) -> bool:
    """Whether a model name has the form that only Amazon Bedrock uses."""
    name = model.strip().lower()
    return bool(_ARN.match(name) or _BEDROCK_ID.match(name))


def model_forms(model: str, is_provider: Callable[[str], bool]) -> Iterator[tuple[str | None, str]]:
    """The model name as reported, then with what deployments put around it taken off, nearest first.

    Each form comes with the provider that a removed prefix named, None if none did.
    """
    named: str | None = None
    form = model.strip()
    while form:
        yield named, form
        head, slash, tail = form.partition("/")
        head = head.lower()
        if stripped := _without_decoration(form):
            form = stripped
        elif slash and (is_provider(head) or head in ROUTES or _AWS_REGION.match(head)):
            named = named or (head if is_provider(head) else None)
            form = tail
        else:
            return


def _without_decoration(form: str) -> str | None:
    for pattern in (_ARN, _RESOURCE, _GEOGRAPHY):
        if match := pattern.match(form.lower()):
            return form[match.end() :]
    if match := _VERTEX_VERSION.search(form):
        return f"{form[: match.start()]}-{form[match.end() :]}".removesuffix("-")
    return None
