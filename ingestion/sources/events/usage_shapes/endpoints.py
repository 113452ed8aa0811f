"""What the address of an API call says: provider, region and model.

Put here: hosts and path patterns of providers. Keep out: response bodies.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

_HOSTS = (
    (r"^(?:[a-z0-9-]+\.)*?(?:([a-z]{2})\.)?api\.openai\.com$", "openai"),
    (r"\.openai\.azure\.(com|us|cn)$|\.cognitiveservices\.azure\.(com|us)$|\.services\.ai\.azure\.com$", "azure"),
    (r"\.models\.ai\.azure\.com$|\.inference\.ml\.azure\.com$|\.inference\.ai\.azure\.com$", "azure"),
    (r"(^|\.)api\.anthropic\.com$", "anthropic"),
    (r"(^|\.)api\.groq\.com$", "groq"),
    (r"(^|\.)api\.mistral\.ai$", "mistral"),
    (r"(^|\.)api\.deepseek\.com$", "deepseek"),
    (r"(^|\.)api\.x\.ai$", "x-ai"),
    (r"(^|\.)openrouter\.ai$", "openrouter"),
    (r"(^|\.)api\.cohere\.(com|ai)$", "cohere"),
    (r"(^|\.)api\.perplexity\.ai$", "perplexity"),
    (r"(^|\.)api\.together\.(xyz|ai)$", "together"),
    (r"(^|\.)api\.fireworks\.ai$", "fireworks"),
    (r"(^|\.)api\.cerebras\.ai$", "cerebras"),
    (r"(^|\.)api\.voyageai\.com$", "voyageai"),
    (r"(^|\.)api\.moonshot\.(ai|cn)$", "moonshotai"),
    (r"(^|\.)api\.minimax\.io$|(^|\.)api\.minimaxi\.com$", "minimax"),
    (r"(^|\.)api\.z\.ai$", "zai"),
    (r"(^|\.)open\.bigmodel\.cn$", "zhipuai"),
    (r"^dashscope(-[a-z]+)?\.aliyuncs\.com$", "alibaba"),
    (r"^bedrock-runtime(-fips)?\.([a-z0-9-]+)\.amazonaws\.com$", "aws"),
    (r"^bedrock-mantle\.([a-z0-9-]+)\.api\.aws$", "aws"),
    (r"^models\.github\.ai$", "github"),
    (r"^integrate\.api\.nvidia\.com$", "nvidia"),
    (r"(^|\.)githubcopilot\.com$", "github-copilot"),
    (r"\.azuredatabricks\.net$|\.(cloud|gcp)\.databricks\.com$", "databricks"),
    (r"\.snowflakecomputing\.com$", "snowflake"),
    (r"\.ml\.cloud\.ibm\.com$", "ibm"),
    (r"^inference\.generativeai\.[a-z0-9-]+\.oci\.oraclecloud\.com$", "oracle"),
    (r"^router\.huggingface\.co$|^api-inference\.huggingface\.co$", "huggingface"),
    (r"(^|\.)api\.replicate\.com$", "replicate"),
    (r"(^|\.)api\.deepinfra\.com$", "deepinfra"),
    (r"(^|\.)api\.sambanova\.ai$", "sambanova"),
    (r"(^|\.)api\.novita\.ai$", "novita"),
    (r"(^|\.)api\.jina\.ai$", "jina"),
    (r"(^|\.)api(\.[a-z]+)?\.elevenlabs\.io$", "elevenlabs"),
    (r"(^|\.)api\.siliconflow\.(com|cn)$", "siliconflow"),
    (r"^ark\.[a-z0-9-]+\.(bytepluses|volces)\.com$", "volcengine"),
    (r"^qianfan\.baidubce\.com$", "baidu"),
    (r"^generativelanguage\.googleapis\.com$", "google"),
    (r"^aiplatform\.([a-z0-9-]+)\.rep\.googleapis\.com$", "google"),
    (r"^(?:([a-z0-9-]+)-)?aiplatform\.googleapis\.com$", "google"),
)
_PATHS = (
    r"/model/([^/?]+)/(?:converse|invoke)",
    r"/models/([^/:?]+):(?:generate|stream|predict|raw|count|embed)",
    r"/openai/deployments/([^/?]+)/",
)


@dataclass(frozen=True)
class Endpoint:
    """What could be read from a URL; None where it says nothing."""

    provider: str | None = None
    region: str | None = None
    model: str | None = None


def read_endpoint(url: str | None) -> Endpoint:
    """Provider, region and model of an API address (with or without scheme)."""
    if not url:
        return Endpoint()
    try:
        parts = urlsplit(url if "://" in url else f"//{url}")
        host, path = (parts.hostname or "").lower(), parts.path
    except ValueError:
        return Endpoint()
    provider = region = None
    for pattern, name in _HOSTS:
        found = re.search(pattern, host)
        if found:
            provider = name
            if name in ("aws", "google", "openai") and found.groups():
                region = found.groups()[-1]
            break
    if region is None and provider == "google":
        located = re.search(r"/locations/([a-z0-9-]+)/", path)
        region = located[1] if located else None
    models = (re.search(pattern, path) for pattern in _PATHS)
    model = next((unquote(found[1]) for found in models if found), None)
    return Endpoint(provider, region, model)
