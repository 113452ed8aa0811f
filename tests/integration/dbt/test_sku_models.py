"""What the SKUs of bills mean: model, meter and whether they are for language models, over lists of real names.

The Azure names and what they mean are those of Microsoft's price sheets and of customers' bills, read 2026-11-28.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tests.support.warehouse import ScratchWarehouse

Meaning = tuple[str | None, str | None]
DAY = datetime.fromisoformat("2026-06-10")
GPT5 = "Azure OpenAI GPT5"
OPENAI = "Azure OpenAI"
AZURE: list[tuple[str, str, str | None, str | None]] = [
    ("GPT 5 Inpt Glbl", OPENAI, "gpt-5", "uncached_input"),
    ("GPT 5 cchd Inpt Glbl", OPENAI, "gpt-5", "cache_read"),
    ("GPT 5 outpt Glbl 1M Tokens", OPENAI, "gpt-5", "output"),
    ("GPT 5 Mini Inpt DZone 1M Tokens", OPENAI, "gpt-5-mini", "uncached_input"),
    ("5 pp inp Gl", GPT5, "gpt-5", "uncached_input"),
    ("5 mini pp Inp Gl", GPT5, "gpt-5-mini", "uncached_input"),
    ("5 mini pp cd Inp Gl", GPT5, "gpt-5-mini", "cache_read"),
    ("5.2 pp opt Gl", GPT5, "gpt-5.2", "output"),
    ("GPT 5.1 chat cd inp Gl", OPENAI, "gpt-5.1-chat", "cache_read"),
    ("5.2 chat 0210 opt Gl", GPT5, "gpt-5.2-chat", "output"),
    ("5.3 chat inp Gl", GPT5, "gpt-5.3-chat", "uncached_input"),
    ("5.1 codex opt Gl 1M Tokens", GPT5, "gpt-5.1-codex", "output"),
    ("5.1 codex mini cd inp Gl", GPT5, "gpt-5.1-codex-mini", "cache_read"),
    ("gpt-5-codex-ccchd-inp-glbl Tokens", GPT5, "gpt-5-codex", "cache_read"),
    ("GPT 5.2 pro opt Gl", GPT5, "gpt-5.2-pro", "output"),
    ("gpt 5 pro inp glbl Tokens", GPT5, "gpt-5-pro", "uncached_input"),
    ("5.4 inp Gl", GPT5, "gpt-5.4", "uncached_input"),
    ("5.4 cd inp Gl", GPT5, "gpt-5.4", "cache_read"),
    ("5.4 opt Gl", GPT5, "gpt-5.4", "output"),
    ("5.4 opt Dz", GPT5, "gpt-5.4", "output"),
    ("5.4 pro inp Gl", GPT5, "gpt-5.4-pro", "uncached_input"),
    ("5.4 mini Inp Gl", GPT5, "gpt-5.4-mini", "uncached_input"),
    ("5.4 nano Inp Gl", GPT5, "gpt-5.4-nano", "uncached_input"),
    ("54 nano Inp Flex Gl 1M Tokens", GPT5, "gpt-5.4-nano", "uncached_input"),
    ("5.5 ShortCo inp Gl", GPT5, "gpt-5.5", "uncached_input"),
    ("5.5 ShortCo opt Dz", GPT5, "gpt-5.5", "output"),
    ("5.6 luna ShortCo Cd Inp Std DZ 1M Tokens", GPT5, "gpt-5.6-luna", "cache_read"),
    ("5.6 luna ShortCo Inp Std Gl", GPT5, "gpt-5.6-luna", "uncached_input"),
    ("5.6 sol ShortCo Cd Wr Std Gl", GPT5, "gpt-5.6-sol", "cache_write"),
    ("5.6 sol LongCo Opt Std Gl", GPT5, "gpt-5.6-sol", "output"),
    ("5.6 sol ShortCo Inp PP Gl", GPT5, "gpt-5.6-sol", "uncached_input"),
    ("56sol ShCo Inp Fl Gl 1M Tokens", GPT5, "gpt-5.6-sol", "uncached_input"),
    ("5.6 terra ShortCo Inp Std Gl", GPT5, "gpt-5.6-terra", "uncached_input"),
    ("6-astra ShortCo Cd Wr Std Gl 1M Tokens", "Azure OpenAI GPT6", "gpt-6-astra", "cache_write"),
    ("6-sol ShortCo Inp Std Gl", "Azure OpenAI GPT6", "gpt-6-sol", "uncached_input"),
    ("chat-latest 08062026 inp Gl", OPENAI, None, "uncached_input"),
    ("gpt 4.1 Inp glbl", OPENAI, "gpt-4.1", "uncached_input"),
    ("gpt 4.1 nano cached Inp glbl", OPENAI, "gpt-4.1-nano", "cache_read"),
    ("4.1 pp cd inp Dz", OPENAI, "gpt-4.1", "cache_read"),
    ("gpt 4o 0806 cached Inp glbl", OPENAI, "gpt-4o", "cache_read"),
    ("gpt 4o 1120 Batch Outp glbl", OPENAI, "gpt-4o", "output"),
    ("gpt-4o-0806-Inp-glbl", OPENAI, "gpt-4o", "uncached_input"),
    ("gpt-4o-rt-txt-1217 cchd Inp rgnl", OPENAI, "gpt-4o-realtime", "cache_read"),
    ("gpt4o realtimePrvw audio inp glbl", OPENAI, "gpt-4o-realtime", "audio_input"),
    ("gpt4omini-rt-aud1217 Inp glbl", OPENAI, "gpt-4o-mini-realtime", "audio_input"),
    ("gpt-4o-aud-0603-txt Outp glbl", OPENAI, "gpt-4o-audio", "output"),
    ("gpt4omini-aud1217 Inp glbl", OPENAI, "gpt-4o-mini-audio", "audio_input"),
    ("gpt rt aud mn cd in gl 1215", OPENAI, "gpt-realtime-mini", "audio_cache_read"),
    ("gpt rt 1.5 txt opt Gl", OPENAI, "gpt-realtime-1.5", "output"),
    ("gpt-realtime-2 Audio inp Gl", OPENAI, "gpt-realtime-2", "audio_input"),
    ("gpt aud mn txt in gl 1215", OPENAI, "gpt-audio-mini", "uncached_input"),
    ("gpt aud 1.5 opt Gl", OPENAI, "gpt-audio-1.5", "audio_output"),
    ("gpt 4o tcrb d aud inp glbl", OPENAI, "gpt-4o-transcribe-diarize", "audio_input"),
    ("gpt4o mn trscb txt out gl 1215", OPENAI, "gpt-4o-mini-transcribe", "output"),
    ("gpt4o mn tts aud out gl 1215", OPENAI, "gpt-4o-mini-tts", "audio_output"),
    ("gpt-image-1-inp-cached-img-glbl", OPENAI, "gpt-image-1", "image_cache_read"),
    ("gpt img 1 mini inp cchd txt glbl", OPENAI, "gpt-image-1-mini", "cache_read"),
    ("gpt img 1.5 out img gl 1M", OPENAI, "gpt-image-1.5", "image_output"),
    ("Image 2 img opt Gl", OPENAI, "gpt-image-2", "image_output"),
    ("Image 2 Output glbl", "MAI Models", "MAI-Image-2", "image_output"),
    ("o3-deep research 0626-inp-cchd-glbl 1M", OPENAI, "o3-deep-research", "cache_read"),
    ("o1 1217 cached Inp glbl", OPENAI, "o1", "cache_read"),
    ("o4-mini 0416 Outp glbl", OPENAI, "o4-mini", "output"),
    ("codex mini inp cchd glbl", OPENAI, "codex-mini", "cache_read"),
    ("gpt-35-turbo16K-0125 Inp-glbl", OPENAI, "gpt-3.5-turbo-16k", "uncached_input"),
    ("gpt-4-turbo128K Outp-glbl", OPENAI, "gpt-4-turbo", "output"),
    ("gpt-4-32K-Inp-glbl", OPENAI, "gpt-4-32k", "uncached_input"),
    ("gpt-4o-mini-0718-FT-Trng-glbl", OPENAI, "gpt-4o-mini", "training_token"),
    ("gpt 4.1 mini dev ft training glbl", OPENAI, "gpt-4.1-mini", "training_token"),
    ("41 ft opt Dz", OPENAI, "gpt-4.1", "output"),
    ("gpt-oss-120B Inp glbl", "OSS Models", "gpt-oss-120b", "uncached_input"),
    ("20b inp Gl", "OSS Models", "gpt-oss-20b", "uncached_input"),
    ("FW GPT OSS 120B Cache Inp DZ", "Fireworks", "gpt-oss-120b", "cache_read"),
    ("V4 Flash 0731 cached glbl", "Deepseek", "deepseek-v4-flash", "cache_read"),
    ("V3.2 SP Inp glbl", "Deepseek", "deepseek-v3.2-speciale", "uncached_input"),
    ("R1 Outp glbl", "Deepseek", "deepseek-r1", "output"),
    ("Grok 4.1 Inp DZone", "Azure Grok Models", "grok-4.1", "uncached_input"),
    ("4.6 Inp Glbl", "Azure Grok Models", "grok-4.6", "uncached_input"),
    ("MM3.5 Inp glbl", "Foundry Models", None, "uncached_input"),
    ("Large 3 Inp glbl", "Mistral", "mistral-large-3", "uncached_input"),
    ("Phi-4-Input", "Phi", "phi-4", "uncached_input"),
    ("Flex Megapixel", "FLUX", None, None),
    ("Model 7 Inp glbl", "Foundry Models", None, "uncached_input"),
    ("text-embedding-3-small-glbl Tokens", OPENAI, "text-embedding-3-small", "uncached_input"),
    ("Provisioned Managed Global Unit", OPENAI, None, None),
    ("Assistants-File Search-glbl", OPENAI, None, "file_search"),
    ("file-search-tool-calls-glbl Calls", OPENAI, None, "file_search"),
    ("Hosted vCPU Usage", OPENAI, None, None),
    # Neighbours that must not become the shorter model.
    ("5.3 codex inp Gl", GPT5, "gpt-5.3-codex", "uncached_input"),
    ("5.7 inp Gl", GPT5, None, "uncached_input"),
    ("5 mini ultra inp Gl", GPT5, None, "uncached_input"),
    ("gpt 4o search inp glbl", OPENAI, None, "uncached_input"),
    ("5.4 inp Gl", "Foundry Models", None, "uncached_input"),
    ("4 inp Gl", "Azure Grok Models", "grok-4", "uncached_input"),
    ("Novel Std", OPENAI, None, None),
    ("gpt 5 opt inp Gl", OPENAI, "gpt-5", None),
    ("paygo-inference-cache-hit-tokens", "Claude", None, "cache_read"),
    ("paygo-inference-input-tokens", "Claude Sonnet 4.5", "claude-sonnet-4-5", "uncached_input"),
    ("paygo-inference-output-tokens", "SaaS Claude Haiku 4.5", "claude-haiku-4-5", "output"),
    ("paygo-inference-output-tokens", "Claude Sonnet 9", None, "output"),
    ("5.1 mini inp Gl", GPT5, None, "uncached_input"),
    ("5.4 codex opt Gl", GPT5, None, "output"),
    ("gpt rt 3 txt inp Gl", OPENAI, None, "uncached_input"),
    ("gpt img 3 out img gl", OPENAI, None, "image_output"),
    ("5 nano cchd inp Dz", GPT5, "gpt-5-nano", "cache_read"),
]
GOOGLE: list[tuple[str, str, str | None, str | None]] = [
    ("Gemini 2.5 Flash GA Text Input - Predictions", "Vertex AI", "gemini-2.5-flash", "uncached_input"),
    ("Gemini 2.5 Flash Text Input - Predictions", "Vertex AI", "gemini-2.5-flash-preview", "uncached_input"),
    ("Gemini 2.5 Flash GA Thinking Text Output", "Vertex AI", "gemini-2.5-flash", "output"),
    ("Gemini 2.5 Flash GA Text Output (Thinking On)", "Vertex AI", "gemini-2.5-flash", "output"),
    ("Gemini 2.5 Flash GA Input Text Caching", "Vertex AI", "gemini-2.5-flash", "cache_read"),
    ("Gemini 3 Flash Text Input Caching", "Vertex AI", "gemini-3-flash", "cache_read"),
    ("Gemini 3 Flash Text Input Caching Storage", "Vertex AI", "gemini-3-flash", None),
    ("Gemini 2.5 Flash Lite Text Input", "Gemini API", "gemini-2.5-flash-lite", "uncached_input"),
    ("Gemini 3.1 Flash Lite Global Text Input", "Vertex AI", "gemini-3.1-flash-lite", "uncached_input"),
    ("Gemini 2.5 Flash Live Audio Input", "Vertex AI", None, "audio_input"),
    ("Gemini 2.5 Flash Lite GA Input Audio Caching", "Vertex AI", "gemini-2.5-flash-lite", "audio_cache_read"),
    ("Gemini 2.5 Flash Image Input", "Vertex AI", None, "image_input"),
    ("Vertex AI: Provisioned Throughput 1 month", "Vertex AI", None, None),
    ("Claude Sonnet 4.5 Input Tokens", "Claude Sonnet 4.5", "claude-sonnet-4-5", "uncached_input"),
    ("Claude Opus 4.6 Cache Read", "Claude Opus 4.6", "claude-opus-4-6", "cache_read"),
    ("Claude Haiku 4.5 Output Tokens", "Claude Haiku 4.5", "claude-haiku-4-5", "output"),
    ("AI Dev Tools: Claude usage", "AI Dev Tools", None, None),
    ("Claude Opus 9 Input Tokens", "Claude Opus 9", None, "uncached_input"),
    ("Claude Haiku 4.5 Cache Write 1h", "Claude Haiku 4.5", "claude-haiku-4-5", "cache_write_1h"),
    ("Gemini 9 Ultra Text Input", "Vertex AI", None, "uncached_input"),
]
AWS: list[tuple[str, str, str | None, str | None]] = [
    (
        "USE1-MP:USE1_InputTokenCount-Units",
        "Claude Opus 4.6 (Amazon Bedrock Edition)",
        "regional.anthropic.claude-opus-4-6-v1:0",
        "uncached_input",
    ),
    (
        "USE1-MP:USE1_InputTokenCount_Global-Units",
        "Claude Opus 4.6 (Amazon Bedrock Edition)",
        "global.anthropic.claude-opus-4-6-v1:0",
        "uncached_input",
    ),
    (
        "USE1-MP:USE1_CacheReadInputTokenCount-Units",
        "Claude 4.6 Sonnet (Amazon Bedrock Edition)",
        "regional.anthropic.claude-sonnet-4-6-v1:0",
        "cache_read",
    ),
    (
        "USE1-MP:USE1_CacheWrite1hInputTokenCount-Units",
        "Claude Sonnet 4.6 (Amazon Bedrock Edition)",
        "regional.anthropic.claude-sonnet-4-6-v1:0",
        "cache_write_1h",
    ),
    (
        "USE1-MP:USE1_OutputTokenCount-Units",
        "Claude 3.5 Sonnet v2 (Amazon Bedrock Edition)",
        "regional.anthropic.claude-3-5-sonnet-20241022-v2:0",
        "output",
    ),
    ("USE1-MP:USE1_OutputTokenCount-Units", "Claude (Amazon Bedrock Edition)", None, "output"),
    ("USE1-output-tokens-cross-region-global", "Amazon Bedrock", None, "output"),
    (
        "USE1-Claude4.6Opus-input-tokens-cross-region-global",
        "Amazon Bedrock",
        "global.anthropic.claude-opus-4-6-v1:0",
        "uncached_input",
    ),
    ("USE1-MP:USE1_OutputTokenCount-Units", "Claude Opus 9 (Amazon Bedrock Edition)", None, "output"),
    (
        "EUW1-MP:EUW1_OutputTokenCount-Units",
        "Claude Opus 4.6 (Amazon Bedrock Edition)",
        "regional.anthropic.claude-opus-4-6-v1:0",
        "output",
    ),
    ("USE1-NovaPro-output-tokens", "Amazon Bedrock", "amazon.nova-pro-v1:0", "output"),
    ("USE1-NovaProMax-output-tokens", "Amazon Bedrock", None, "output"),
    ("USE1-Nova9Sonic-input-speech-token-count", "Amazon Bedrock", None, "audio_input"),
    ("USE1-Nova9Sonic-speech-output-tokens", "Amazon Bedrock", None, "audio_output"),
    ("USE1-BoxUsage:m5.large", "Amazon EC2", None, None),
    ("USE1-ClaudeConsumptionUnits", "Claude Platform on AWS", None, None),
]
NOT_LLM = {"USE1-BoxUsage:m5.large", "AI Dev Tools: Claude usage", "Flex Megapixel", "R1"}


def _focus(row: int, provider: str, meter: str, service: str, **more: Any) -> dict[str, Any]:
    return {
        "billed_cost": 1, "billing_currency": "USD", "charge_period_start_utc": DAY, "billing_period_start_utc": DAY,
        "charge_category": "Usage", "provider_name": provider, "service_name": service, "sku_meter": meter,
        "billing_account_id": f"a-{row}", "_source_row": row,
    } | more  # fmt: skip


@pytest.fixture(scope="module")
def meanings(tmp_path_factory: pytest.TempPathFactory) -> dict[int, tuple[str | None, str | None, bool]]:
    warehouse = ScratchWarehouse.create(tmp_path_factory.mktemp("skus"))
    rows = [
        _focus(number, "Microsoft", meter, "Foundry Models", extra_columns=f'{{"x_SkuMeterSubcategory": "{product}"}}')
        for number, (meter, product, _, _) in enumerate(AZURE)
    ]
    rows += [_focus(1000 + n, "Google Cloud", meter, service) for n, (meter, service, _, _) in enumerate(GOOGLE)]
    rows += [_focus(2000 + n, "AWS", meter, service) for n, (meter, service, _, _) in enumerate(AWS)]
    rows += [_focus(3000 + n, **case[0]) for n, case in enumerate(STATED)]
    warehouse.insert("raw_billing.focus_charges", rows)
    catalog = {
        "openai": ["gpt-4o", "gpt-5.3", "gpt-5.3-codex", "gpt-5.5-cyber", "gpt-4.1"],
        "anthropic": ["claude-sonnet-4-5", "claude-haiku-4-5"],
        "databricks": ["databricks-meta-llama-3-3-70b-instruct"],
        "cloudflare": ["@cf/meta/llama-3.3-70b-instruct-fp8-fast"],
        "ovhcloud": ["Meta-Llama-3_3-70B-Instruct"],
        "google": ["claude-sonnet-4-5", "claude-opus-4-6", "claude-haiku-4-5", "gemini-2.5-flash"],
        "aws": [
            f"{scope}.anthropic.claude-{name}"
            for scope in ("regional", "global")
            for name in ("opus-4-6-v1:0", "sonnet-4-6-v1:0", "3-5-sonnet-20240620-v1:0", "3-5-sonnet-20241022-v2:0")
        ],
    }
    warehouse.insert(
        "raw_prices.model_catalog",
        [{"price_provider_id": p, "price_model_id": m} for p, models in catalog.items() for m in models],
    )
    warehouse.dbt("build", "--select", "+int_skus_resolved", "--exclude-resource-type", "test", "unit_test")
    found = warehouse.rows(
        "select charges._source_row, skus.model_id, skus.meter, skus.is_llm_charge "
        "from intermediate.int_charges_unioned as charges join intermediate.int_skus_resolved as skus "
        "on skus.sku_pattern_text = charges.sku_pattern_text "
        "and skus.service_name is not distinct from charges.service_name "
        "and skus.sku_product is not distinct from charges.sku_product and skus.provider_id = charges.provider_id "
        "and skus.stated_model is not distinct from charges.stated_model "
        "and skus.consumed_unit is not distinct from charges.consumed_unit "
        "and skus.service_category is not distinct from charges.service_category "
        "and skus.service_subcategory is not distinct from charges.service_subcategory"
    )
    assert len(found) == len(rows)
    return {row: (model, meter, is_llm) for row, model, meter, is_llm in found}


STATED: list[tuple[dict[str, Any], str | None, bool]] = [
    (
        {
            "provider": "Nimbus Inference",
            "meter": "requests",
            "service": "Endpoints",
            "service_subcategory": "Generative AI",
            "extra_columns": '{"x_ModelName": "nimbus-9"}',
        },
        "nimbus-9",
        True,
    ),
    (
        {
            "provider": "Nimbus Inference",
            "meter": "output tokens",
            "service": "Endpoints",
            "service_category": "AI and Machine Learning",
            "consumed_unit": "1M Tokens",
        },
        None,
        True,
    ),
    (
        # FOCUS has this one for translation and sentiment, beside Generative AI.
        {
            "provider": "Nimbus Inference",
            "meter": "characters",
            "service": "Translate",
            "service_subcategory": "Natural Language Processing",
        },
        None,
        False,
    ),
    (
        {
            "provider": "Acme AI",
            "meter": "inference",
            "service": "Chat",
            "sku_price_details": '{"ModelId": "acme-2"}',
            "service_subcategory": "Generative AI",
        },
        "acme-2",
        True,
    ),
    (
        {"provider": "Acme AI", "meter": "inference", "service": "Chat", "service_subcategory": "Generative AI"},
        None,
        True,
    ),
    (
        {
            "provider": "Acme AI",
            "meter": "inference",
            "service": "Chat",
            "service_category": "AI and Machine Learning",
            "consumed_unit": "1K Tokens",
        },
        None,
        True,
    ),
    (
        {
            "provider": "Acme AI",
            "meter": "inference",
            "service": "Chat",
            "service_category": "AI and Machine Learning",
            "consumed_unit": "Images",
        },
        None,
        False,
    ),
    (
        {
            "provider": "Microsoft",
            "meter": "Standard Tokens",
            "service": "Microsoft Defender for Cloud",
            "service_category": "Security",
            "consumed_unit": "Tokens",
        },
        None,
        False,
    ),
    # Vendors of models and of much else.
    ({"provider": "Databricks", "meter": "PREMIUM_JOBS_COMPUTE_US_EAST", "service": "JOBS"}, None, False),
    ({"provider": "Databricks", "meter": "SERVERLESS_REAL_TIME_INFERENCE", "service": "MODEL_SERVING"}, None, True),
    ({"provider": "Cloudflare", "meter": "Class A operations", "service": "R2"}, None, False),
    ({"provider": "Cloudflare", "meter": "Neurons", "service": "Workers AI"}, None, True),
    ({"provider": "OVHcloud", "meter": "b3-8", "service": "Public Cloud"}, None, False),
    (
        {
            "provider": "AWS",
            "meter": "DetectLabels",
            "service": "Amazon Rekognition",
            "service_category": "AI and Machine Learning",
        },
        None,
        False,
    ),
    (
        {
            "provider": "AWS",
            "meter": "x",
            "service": "Amazon Bedrock",
            "extra_columns": '{"x_ModelId": "anthropic.claude-new"}',
        },
        "anthropic.claude-new",
        True,
    ),
    (
        {
            "provider": "Microsoft",
            "meter": "GPT 5 Inpt Glbl",
            "service": "Azure OpenAI",
            "sku_price_details": '{"ModelId": "gpt-4o"}',
        },
        None,
        True,
    ),
]


@pytest.mark.parametrize(
    ("row", "name", "model", "meter"),
    [(number, *case[:1], *case[2:]) for number, case in enumerate(AZURE)]
    + [(1000 + number, *case[:1], *case[2:]) for number, case in enumerate(GOOGLE)]
    + [(2000 + number, *case[:1], *case[2:]) for number, case in enumerate(AWS)],
)
def test_a_sku_means_its_model_and_meter(
    meanings: dict[int, tuple[str | None, str | None, bool]], row: int, name: str, model: str | None, meter: str | None
) -> None:
    found = meanings[row]
    assert found[:2] == (model, meter), name
    assert found[2] is (name not in NOT_LLM or row < 1000)


@pytest.mark.parametrize(("number", "model", "is_llm"), [(n, case[1], case[2]) for n, case in enumerate(STATED)])
def test_the_bills_own_columns_say_model_and_kind(
    meanings: dict[int, tuple[str | None, str | None, bool]], number: int, model: str | None, is_llm: bool
) -> None:
    found = meanings[3000 + number]
    assert (found[0], found[2]) == (model, is_llm)
