"""Why a row is set aside: a few codes, each with one meaning for every source, and the faults that each stands for.

A reader names the fault that it saw, which its message explains; landing writes the code. `docs/rejections.md` lists
both; a test finds every fault in the code and compares.

Put here: codes and faults. Keep out: finding faults, messages and remedies of single cases.
"""

from __future__ import annotations

CODES: dict[str, str] = {
    "unreadable_file": "The file cannot be opened or breaks off: nothing of it, or nothing after that place, is known.",
    "unreadable_row": "A row or record cannot be taken apart: its form, its encoding, or what stands where is wrong.",
    "too_large": "A file, row or text is larger than what is read (limits are variables).",
    "missing_value": "A column or field that is needed is not there or is empty.",
    "invalid_number": "What should be a number, count or amount of money is none.",
    "invalid_time": "What should be a date, time or span of time is none.",
    "out_of_range": "A number, amount, time or day that cannot be: negative, too large, too early, in the future.",
    "invalid_value": "A word or setting is none of those that can stand there, or refers to nothing.",
    "uncounted_usage": "A call whose usage cannot be counted: none is told, or in counters that are not known.",
    "contradiction": "Two statements of a row, or of rows that belong together, cannot both be true.",
    "duplicate_id": "The id was already landed, with other values.",
    "program_fault": "The program failed on what it read: to be reported.",
}
"""Code and meaning."""

_FAULTS_OF: dict[str, str] = {
    "unreadable_file": "truncated_file damaged_parquet missing_package unknown_header missing_header",
    "unreadable_row": (
        "invalid_json invalid_csv invalid_protobuf invalid_entry invalid_encoding nul_byte not_text "
        "unbalanced_quote wrong_field_count not_an_object not_a_list not_a_sample not_a_rate not_a_spooled_line "
        "not_a_trace_export not_an_invocation unreadable_record unreadable_value"
    ),
    "too_large": "document_too_large line_too_long text_too_long nested_too_deeply too_many_columns",
    "missing_value": (
        "missing_column missing_cost missing_currency missing_id missing_invoice_id missing_mapping missing_owner "
        "missing_span_id missing_time missing_timestamp missing_workload incomplete_rule no_weight no_outlet"
    ),
    "invalid_number": "invalid_amount invalid_price invalid_thresholds invalid_tier currency_sign",
    "invalid_time": "invalid_step invalid_validity empty_period nonexistent_local_time ambiguous_local_time",
    "out_of_range": "amount_out_of_range duration_out_of_range outside_day",
    "invalid_value": (
        "invalid_currency invalid_mapping invalid_settings invalid_tag invalid_tag_key unknown_currency "
        "unknown_reference unknown_temporality unknown_value unexpected_currency unexpected_scope "
        "unexpected_tag_key unexpected_value scope_without_hours scope_without_kind not_a_counter chained_tag_key "
        "own_target mixed_units several_aggregations forgotten_person"
    ),
    "uncounted_usage": (
        "missing_usage no_known_counter only_total_tokens partial_usage unit_not_tokens usage_without_calls "
        "daily_rollup"
    ),
    "contradiction": (
        "contradicting_repeat parts_contradict_total parts_do_not_sum parts_exceed_total part_exceeds_whole "
        "duplicate_call inconsistent_rule overlapping_validity more_than_one_value discount_or_price "
        "percent_not_100 ambiguous_target ambiguous_column cycle"
    ),
    "duplicate_id": "duplicate_event_id duplicate_row_id",
    "program_fault": "parser_error unconvertible_row",
}
_EARLIER: dict[str, str] = {
    "unreadable_row": "bad_encoding nul_bytes",
    "invalid_number": "invalid_count not_a_count not_a_number not_a_whole_number not_an_integer not_finite",
    "invalid_time": "invalid_timestamp invalid_date not_a_timestamp",
    "out_of_range": (
        "number_out_of_range number_too_large negative_number negative_count negative_cost count_too_large "
        "cost_out_of_range timestamp_out_of_range date_out_of_range"
    ),
    "invalid_value": "invalid_boolean not_a_boolean",
}


def _by_word(words: dict[str, str]) -> dict[str, str]:
    return {word: code for code, listed in words.items() for word in listed.split()}


FAULTS: dict[str, str] = _by_word(_FAULTS_OF)
"""Fault and its code, where a fault says more closely what was seen. It was the reason in earlier versions."""
EARLIER: dict[str, str] = _by_word(_EARLIER)
"""Reasons of earlier versions that no longer have a word of their own, and the code that took their place."""


def code_of(fault: str) -> str:
    """The code of a fault."""
    return fault if fault in CODES else FAULTS.get(fault, "program_fault")


def with_fault(message: str, fault: str) -> str:
    """A message with the fault in brackets behind it, where its code does not say it already."""
    return message if fault in CODES else f"{message} ({fault})"
