"""The numbered quirks of OpenAI's usage and costs API, each with the test that shows it is dealt with."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.integration.ingestion.openai.conftest import TODAY, Home
from tests.integration.ingestion.openai.stub import DAY, Results

ONE_DAY = {"from_date": date(2026, 2, 28)}


def cost(value: Any, **more: Any) -> dict[str, Any]:
    amount = {"value": value, "currency": "usd"}
    return {"object": "organization.costs.result", "amount": amount, "line_item": "gpt-5, input", **more}


def only_costs(home: Home, results: Any) -> None:
    home.stub.results = lambda name, start, width, group_by: results(start) if name == "costs" else []


def completions(home: Home, result: dict[str, Any], hour: int = 0) -> None:
    """One result in one hour of 28 February."""
    at = int(datetime(2026, 2, 28, hour, tzinfo=UTC).timestamp())
    home.stub.results = lambda name, start, width, group_by: [result] if (name, start) == ("completions", at) else []


def test_quirk_1_amounts_come_as_strings_numbers_and_scientific_notation_and_sum_exactly(home: Home) -> None:
    only_costs(
        home,
        lambda start: [
            cost("0.001589850000000000000000000000"),
            cost(1.5e-7, project_id="p1"),
            cost(2, project_id="p2"),
            cost("-3.25", project_id="p3", line_item="credit"),
            *(cost("0.000000000001", project_id=f"tiny{number}") for number in range(1000)),
        ],
    )
    home.land(**ONE_DAY)
    day = "from raw_openai.costs where bucket_start_utc = '2026-02-28'"
    exact = Decimal("0.00158985") + Decimal("1.5e-7") + 2 - Decimal("3.25") + Decimal("1e-9")
    assert home.query(f"select sum(amount) {day}")[0][0] == exact
    texts = home.query(f"select amount_text {day} and project_id is null")
    assert texts == [("0.001589850000000000000000000000",)]
    assert home.query(f"select amount_text {day} and project_id = 'p1'") == [("1.5e-07",)]


def test_quirk_2_a_refused_grouping_falls_back_to_a_smaller_one(home: Home) -> None:
    home.stub.refused_fields = {"api_key_id"}
    only_costs(home, lambda start: [cost("1")])
    home.land(**ONE_DAY)
    assert home.query("select distinct group_by from raw_openai.costs") == [('["project_id", "line_item"]',)]
    assert home.query("select count(*) from raw_openai.costs where bucket_start_utc = '2026-02-28'") == [(1,)]


def test_quirk_3_growing_days_are_pulled_again_and_replaced_never_appended(home: Home) -> None:
    only_costs(home, lambda start: [cost("1"), cost("2", project_id="p")])
    home.land(**ONE_DAY)
    only_costs(home, lambda start: [cost("1"), cost("5", project_id="p")])
    home.land(TODAY + timedelta(days=1), **ONE_DAY)
    day = "bucket_start_utc = '2026-02-28'"
    assert home.query(f"select count(*), sum(amount) from raw_openai.costs where {day}") == [(2, Decimal(6))]
    pulls = "select restatement_count, restated_amount_change, status from raw_openai.pulls where endpoint = 'costs'"
    assert home.query(f"{pulls} and usage_date = '2026-02-28'") == [(1, Decimal(3), "complete")]
    home.land(TODAY + timedelta(days=1), **ONE_DAY)
    assert home.query(f"{pulls} and usage_date = '2026-02-28'") == [(1, Decimal(3), "complete")]


def test_quirk_4_a_changed_grouping_replaces_the_day_whatever_its_keys(home: Home) -> None:
    def results(name: str, start: int, width: int, group_by: tuple[str, ...]) -> Results:
        if name != "costs":
            return []
        if "api_key_id" in group_by:
            return [cost("1", project_id="p", api_key_id=None), cost("2", project_id="p", api_key_id="k")]
        return [cost("3", project_id="p")]

    home.stub.results = results
    home.land(**ONE_DAY)
    home.stub.refused_fields = {"api_key_id"}
    home.land(**ONE_DAY)
    rows = "select group_by, api_key_id, amount from raw_openai.costs where bucket_start_utc = '2026-02-28'"
    assert home.query(rows) == [('["project_id", "line_item"]', None, Decimal(3))]
    home.stub.refused_fields = set()
    home.land(**ONE_DAY)
    assert sorted(home.query(rows), key=str) == [
        ('["project_id", "line_item", "api_key_id"]', "k", Decimal(2)),
        ('["project_id", "line_item", "api_key_id"]', None, Decimal(1)),
    ]


def test_quirk_5_an_end_is_always_given_and_the_newest_day_is_partial_until_it_is_over(home: Home) -> None:
    only_costs(home, lambda start: [cost("1")])
    home.land(**ONE_DAY)
    assert all("end_time" in query for path, query in home.stub.requests if "usage" in path or "costs" in path)
    status = "select usage_date, status from raw_openai.pulls where endpoint = 'usage_completions' order by 1"
    assert home.query(status) == [(date(2026, 2, 28), "complete"), (date(2026, 3, 1), "partial")]
    home.land(datetime(2026, 3, 2, tzinfo=UTC), **ONE_DAY)
    assert home.query(status) == [(date(2026, 2, 28), "complete"), (date(2026, 3, 1), "complete")]


def test_quirk_6_usage_without_matching_cost_is_a_legal_state(home: Home) -> None:
    completions(home, {"input_tokens": 10, "output_tokens": 1, "num_model_requests": 1, "service_tier": "scale"})
    report = home.land(**ONE_DAY)
    assert report.quarantined_rows == 0
    assert home.query("select count(*) from raw_openai.costs") == [(0,)]
    assert home.query("select service_tier, input_tokens from raw_openai.usage") == [("scale", 10)]


def test_quirk_8_requests_with_no_output_count_as_requests(home: Home) -> None:
    completions(home, {"input_tokens": 0, "output_tokens": 0, "num_model_requests": 3, "batch": False})
    home.land(**ONE_DAY)
    found = home.query("select num_model_requests, output_tokens, is_batch, input_cached_tokens from raw_openai.usage")
    assert found == [(3, 0, False, None)]


def test_quirk_9_api_source_and_unknown_values_of_any_enumeration_pass_through(home: Home) -> None:
    result = {"input_tokens": 5, "api_source": "agents_api", "service_tier": "turbo_2027", "new_field": {"a": 1.50}}
    completions(home, result, hour=23)
    home.land(**ONE_DAY)
    [(source, tier, extra)] = home.query("select api_source, service_tier, extra_columns from raw_openai.usage")
    assert (source, tier, extra) == ("agents_api", "turbo_2027", '{"new_field": {"a": 1.5}}')


def test_quirk_10_unknown_reports_are_skipped_and_said_and_new_ones_are_configured(home: Home) -> None:
    home.stub.absent = {"web_search_calls", "decisions"}
    home = home.with_api(openai_extra_usage_reports=("decisions",))
    report = home.land(**ONE_DAY)
    skipped = [note for note in map(str, report.notes) if "404" in note]
    assert [note.split(":")[0] for note in skipped] == ["usage_web_search_calls", "usage_decisions"]
    status = "select endpoint, usage_date from raw_openai.pulls where status = 'skipped_404' order by 1"
    assert home.query(status) == [("usage_decisions", None), ("usage_web_search_calls", None)]
    home.stub.absent = set()
    home.land(**ONE_DAY)
    assert home.query(status) == []
    assert home.stub.paths()["/v1/organization/usage/decisions"] == 2


def test_both_spellings_of_the_results_array_are_read(home: Home) -> None:
    home.stub.results_name = "result"
    only_costs(home, lambda start: [cost("1")])
    home.land(**ONE_DAY)
    assert home.query("select count(*) from raw_openai.costs") == [(2,)]


def test_arrays_are_sent_in_bracket_form(home: Home) -> None:
    home.land(**ONE_DAY)
    asked = dict(reversed(home.stub.requests))["/v1/organization/usage/completions"]
    assert asked["group_by[]"] == ["project_id", "user_id", "api_key_id", "model", "batch", "service_tier"]
    assert (asked["limit"], asked["bucket_width"]) == (["168"], ["1h"])


def test_two_results_with_the_same_keys_are_both_kept_because_results_sum(home: Home) -> None:
    only_costs(home, lambda start: [cost("1"), cost("1")] if start % DAY == 0 else [])
    home.land(**ONE_DAY)
    assert home.query("select sum(amount) from raw_openai.costs where bucket_start_utc = '2026-02-28'") == [(2,)]


def test_names_are_listed_page_by_page_and_deleted_ones_stay(home: Home) -> None:
    projects = [{"id": f"proj_{number:03}", "name": f"P{number}", "created_at": 1700000000} for number in range(150)]
    owner = {"type": "service_account", "service_account": {"id": "svc_1", "name": "loader"}}
    keys = [{"id": "key_1", "name": "loader", "redacted_value": "sk-...abc", "owner": owner, "last_used_at": None}]
    home.stub.lists = {"projects": projects, "projects/proj_007/api_keys": keys}
    home.land(**ONE_DAY)
    assert home.query("select count(*), count(distinct id) from raw_openai.projects") == [(150, 150)]
    columns = "id, project_id, owner_type, owner_id, is_listed"
    assert home.query(f"select {columns} from raw_openai.api_keys") == [
        ("key_1", "proj_007", "service_account", "svc_1", True)
    ]
    home.stub.lists["projects/proj_007/api_keys"] = []
    home.land(**ONE_DAY)
    assert home.query("select id, is_listed from raw_openai.api_keys") == [("key_1", False)]


def test_every_row_says_which_request_brought_it(home: Home) -> None:
    only_costs(home, lambda start: [cost("1")])
    home.land(**ONE_DAY)
    columns = "request_window_start_utc, request_window_end_utc, page_cursor, _dlt_load_id is not null"
    rows = home.query(f"select distinct {columns} from raw_openai.costs")
    start, now = datetime(2026, 2, 28, tzinfo=UTC), TODAY
    assert rows == [(start.replace(tzinfo=None), now.replace(tzinfo=None), None, True)]
    assert json.loads(home.query("select distinct group_by from raw_openai.costs")[0][0])
