"""What quarantine keeps: the shape of a record, numbers, ids and names; no text, no key, no address."""

import json
import random
import time

import pytest

from ingestion.landing.redaction import masked, masked_message, redacted

SAID = "Tell nobody of the planted plan"
KEYS = [
    "sk-proj-abcdEFGH1234567890",
    "sk-ant-admin01-abcdEFGH1234567890",
    "gsk_abcdEFGH1234567890abcd",
    "xai-abcdEFGH1234567890abcd",
    "AKIAIOSFODNN7EXAMPLE",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "AIzaSyA1234567890abcdefghijklmnopqrstu",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdefghij",
    "ghp_abcdefghij1234567890abcdefghij123456",
    "hf_abcdefghijklmnopqrstuvwxyz",
    "Bearer abcdefghij123456",
    "postgresql://admin:hunter22secret@db.example/x",
    "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=abcd1234efgh5678ijkl==;EndpointSuffix=x",
    "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0\n-----END PRIVATE KEY-----",
    'api_key="0123456789abcdef-not-a-known-shape"',
]
SECRET_PARTS = {
    "postgresql": "hunter22secret",
    "DefaultEnd": "abcd1234efgh5678ijkl",
    "-----BEGIN": "MIIEvQIBADANBgkqhkiG9w0",
}
IDS = [
    "key_01AbCdEf",
    "apikey_01Rj2N8SVvo6BePZj99NhmiT",
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
    "proj_abc",
    "arn:aws:bedrock:us-east-1::model/x",
    "anthropic.claude-sonnet-4-5-20250929-v1:0",
    '{"total_tokens": "123456789", "api_key_id": "key_0123456789"}',
]
FORMATS = {
    "openai chat": {"id": "chatcmpl-1", "messages": [{"role": "user", "content": SAID}], "usage": {"prompt_tokens": 7}},
    "parts": {"messages": [{"role": "user", "content": [{"type": "text", "text": SAID}]}]},
    "anthropic": {"system": SAID, "content": [{"type": "text", "text": SAID}], "model": "claude-x"},
    "gemini": {"contents": [{"parts": [{"text": SAID}]}], "candidates": [{"content": {"parts": [{"text": SAID}]}}]},
    "responses": {"input": SAID, "output": [{"content": [{"type": "output_text", "text": SAID}]}]},
    "tool call": {
        "choices": [{"message": {"tool_calls": [{"function": {"name": "f", "arguments": f'{{"q": "{SAID}"}}'}}]}}]
    },
    "json in text": {"request": json.dumps({"prompt": SAID})},
    "json in json in text": {"request": json.dumps({"body": json.dumps({"messages": [{"content": SAID}]})})},
    "otel": {"attributes": [{"key": "gen_ai.prompt.0.content", "value": {"stringValue": SAID}}]},
    "otel, value first": {"attributes": [{"value": {"stringValue": SAID}, "key": "gen_ai.prompt.0.content"}]},
    "flat otel": {"gen_ai.completion.0.content": "Short one", "llm.input_messages.0.message.content": SAID},
    "openinference": {"attributes": {"input.value": SAID, "output.value": SAID}},
    "langfuse": {"input": {"anything": {"deep": SAID}}, "output": SAID, "promptTokens": 7},
    "litellm": {
        "proxy_server_request": json.dumps({"body": {"messages": [{"content": SAID}]}}),
        "response": {"text": SAID},
    },
    "error": {"error": {"message": f"Invalid: {SAID}"}},
    "unknown key": {"what_the_app_calls_it": SAID},
    "as a key": {SAID: 1},
}


@pytest.mark.parametrize("record", FORMATS.values(), ids=FORMATS)
@pytest.mark.parametrize("is_cut", [False, True])
def test_no_text_of_any_format_is_kept(record: object, is_cut: bool) -> None:
    text = json.dumps(record)
    kept = redacted(text[: text.rindex("planted plan") + 9] if is_cut else text, has_content=True)
    assert "planted" not in kept
    assert "removed" in kept


def test_a_short_text_under_a_known_key_is_content_too() -> None:
    assert "Hi" not in redacted('{"prompt": "Hi", "messages": [{"content": "Hi"}]}', has_content=True)


def test_shape_numbers_ids_times_and_names_are_kept_as_printed() -> None:
    record = (
        '{"id": "chatcmpl-9Xz", "created": 1764288000, "model": "gpt-5-mini", "cost": 0.10, "tags": {"team": "North '
        'America"}, "at": "2026-11-28T09:00:00Z", "usage": {"input": 12, "output": 1.50e2}, "none": null, "x": [true]}'
    )
    assert redacted(record, has_content=True) == record


def test_the_shape_of_messages_is_kept() -> None:
    kept = json.loads(redacted(json.dumps(FORMATS["openai chat"]), has_content=True))
    assert kept["messages"] == [{"role": "user", "content": f"(text of {len(SAID)} characters removed)"}]
    assert kept["usage"] == {"prompt_tokens": 7}


@pytest.mark.parametrize(
    "record",
    [
        f'{{"prompt": "say "{SAID}" please", "n": 1}}',
        f'{{"prompt": "5" wide, {SAID}", "n": 1}}',
        f"{{'prompt': '{SAID}'}}",
        f'{{"n": 1}} {SAID}',
        f'prompt = "{SAID}"',
        f"{SAID}",
        f'e1,2026-11-28 09:00:00,gpt-5,12,"{SAID}"',
        f'e1;gpt-5;"{SAID}, never closed',
        f'"{SAID}": 1',
        f'[{{"content": "a\\u0022 {SAID}"}}',
        f'{{"a": {{"prompt": "{SAID}}}',
    ],
)
def test_a_record_that_is_no_json_keeps_no_sentence(record: str) -> None:
    kept = redacted(record, has_content=True)
    assert "planted" not in kept


def test_cells_of_a_line_keep_numbers_times_and_words() -> None:
    kept = redacted(f"e1,2026-11-28 09:00:00,gpt-5,12,-0.50,{SAID}", has_content=True)
    assert kept == f"e1,2026-11-28 09:00:00,gpt-5,12,-0.50,(text of {len(SAID)} characters removed)"


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("shape", ["{}", '{{"metadata": {{"a": "{}"}}}}', "row,{},1", "cannot read '{}' here"])
def test_no_key_is_kept(key: str, shape: str) -> None:
    secret = {
        "postgresql": "hunter22secret",
        "DefaultEnd": "abcd1234efgh5678ijkl",
        "-----BEGIN": "MIIEvQIBADANBgkqhkiG9w0",
    }
    wanted = secret.get(key[:10], key.split('"')[1] if '"' in key else key.removeprefix("Bearer "))
    for text in (masked(shape.format(key)), redacted(shape.format(key), has_content=True)):
        assert wanted not in text


def test_an_address_keeps_its_domain_only() -> None:
    assert masked("from ada.l+x@mail.example.org, 2") == "from ***@mail.example.org, 2"


@pytest.mark.parametrize("text", IDS)
def test_what_looks_like_an_id_is_no_key(text: str) -> None:
    assert masked(text) == text


def test_a_message_does_not_quote_a_sentence() -> None:
    assert masked_message(f"{SAID!r} is not a number") == f"(text of {len(SAID)} characters removed) is not a number"
    assert "quiet" not in masked_message("it is 'the quiet walrus of planted sentence 00 sa…. Write digits")
    assert masked_message("'12,5' is not a number like 12.5") == "'12,5' is not a number like 12.5"
    remedy = "write the number with digits and a point only, as in 1234.5678"
    for short in ("12.5%", "", "a)", "$"):
        assert masked_message(f"discount_pct: {short!r}: {remedy}") == f"discount_pct: {short!r}: {remedy}"
    assert masked_message("can't be read, and don't repeat it") == "can't be read, and don't repeat it"


def test_damage_at_any_place_lets_nothing_through() -> None:
    dice = random.Random(9)
    whole = json.dumps({"id": "e1", "messages": [{"role": "user", "content": SAID}], "n": 1.5})
    for _ in range(3_000):
        text = list(whole)
        for _ in range(dice.randint(1, 4)):
            at = dice.randrange(len(text))
            text[at] = dice.choice(['"', "\\", "{", "}", "[", ":", ",", "x", ""])
        kept = redacted("".join(text), has_content=True)
        assert "planted plan" not in kept, "".join(text)


@pytest.mark.parametrize("piece", ["[", '{"a": ', '"', "\\", "a@", "'", "x" * 39 + " ", '{"a": "{', "sk-", "eyJ"])
def test_a_very_long_record_takes_no_time(piece: str) -> None:
    text = (piece * 10_000)[:10_000]
    begun = time.process_time()
    redacted(text, has_content=True)
    masked_message(text)
    assert time.process_time() - begun < 2
