"""What OpenAI's API refuses, limits and lists."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
import requests

from ingestion.demo.company import GroundTruth
from ingestion.demo.providers import Faults, Options, Urls, running_simulator

START = int(datetime(2026, 11, 1, tzinfo=UTC).timestamp())


def ask(session: requests.Session, urls: Urls, name: str, **params: Any) -> requests.Response:
    return session.get(f"{urls.openai}/organization/{name}", params=params, timeout=10)


@pytest.mark.parametrize(
    ("name", "params", "word"),
    [
        ("usage/completions", {}, "start_time"),
        ("usage/completions", {"start_time": "yesterday"}, "start_time"),
        ("usage/completions", {"start_time": START, "bucket_width": "2h"}, "bucket_width"),
        ("usage/completions", {"start_time": START, "bucket_width": "1h", "limit": 169}, "limit"),
        ("usage/completions", {"start_time": START, "bucket_width": "1d", "limit": 32}, "limit"),
        ("usage/completions", {"start_time": START, "bucket_width": "1m", "limit": 1441}, "limit"),
        ("usage/completions", {"start_time": START, "limit": 0}, "limit"),
        ("usage/completions", {"start_time": START, "group_by": "line_item"}, "group_by"),
        ("usage/vector_stores", {"start_time": START, "group_by": "model"}, "group_by"),
        ("usage/completions", {"start_time": START, "end_time": START}, "end_time"),
        ("costs", {"start_time": START, "bucket_width": "1h"}, "bucket_width"),
        ("costs", {"start_time": START, "limit": 181}, "limit"),
        ("usage/completions", {"start_time": START, "page": "page_none"}, "page"),
    ],
)
def test_bad_questions_get_400_that_names_the_parameter(
    openai: requests.Session, urls: Urls, name: str, params: dict[str, Any], word: str
) -> None:
    answer = ask(openai, urls, name, **params)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert error["param"] == word


@pytest.mark.parametrize(("key", "status"), [("sk-admin-wrong", 401), ("sk-proj-some", 403), (None, 401)])
def test_wrong_keys_are_refused(urls: Urls, key: str | None, status: int) -> None:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    answer = requests.get(f"{urls.openai}/organization/projects", headers=headers, timeout=10)
    assert answer.status_code == status
    assert key is None or key not in answer.text


def test_a_page_token_belongs_to_its_question(openai: requests.Session, urls: Urls) -> None:
    first = ask(openai, urls, "usage/completions", start_time=START, limit=2).json()["next_page"]
    assert ask(openai, urls, "usage/completions", start_time=START, limit=2, page=first).status_code == 200
    assert ask(openai, urls, "usage/embeddings", start_time=START, limit=2, page=first).status_code == 400
    assert ask(openai, urls, "usage/completions", start_time=START, limit=3, page=first).status_code == 400


def test_a_page_token_can_expire(openai: requests.Session, urls: Urls) -> None:
    token = ask(openai, urls, "costs", start_time=START).json()["next_page"]
    urls.simulator.faults = Faults(refused_page_tokens=1)
    refused = ask(openai, urls, "costs", start_time=START, page=token)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "invalid_page")
    assert ask(openai, urls, "costs", start_time=START, page=token).status_code == 200


def test_a_grouping_can_be_refused(openai: requests.Session, urls: Urls) -> None:
    urls.simulator.faults = Faults(refused_group_by=(("api_key_id",), ("user_id", "project_id")))
    assert ask(openai, urls, "costs", start_time=START, group_by=["line_item", "api_key_id"]).status_code == 400
    assert ask(openai, urls, "costs", start_time=START, group_by=["project_id", "user_id"]).status_code == 400
    assert ask(openai, urls, "costs", start_time=START, group_by=["line_item", "project_id"]).status_code == 200


def test_an_endpoint_can_be_absent(openai: requests.Session, urls: Urls) -> None:
    urls.simulator.faults = Faults(absent_endpoints=("/organization/usage/web_search_calls",))
    assert ask(openai, urls, "usage/web_search_calls", start_time=START).status_code == 404
    assert ask(openai, urls, "usage/decisions", start_time=START).status_code == 404
    assert ask(openai, urls, "usage/completions", start_time=START).status_code == 200


def test_vector_stores_tell_the_level_of_the_day_in_every_bucket(openai: requests.Session, urls: Urls) -> None:
    params = {"start_time": START, "end_time": START + 2 * 86_400, "group_by": "project_id"}
    days = ask(openai, urls, "usage/vector_stores", **params).json()["data"]
    hours = ask(openai, urls, "usage/vector_stores", **params, bucket_width="1h", limit=48).json()["data"]
    levels = {result["usage_bytes"] for bucket in [*days, *hours] for result in bucket["results"]}
    assert levels == {2**30}
    assert len(hours) == 48
    assert days[0]["results"][0]["project_id"] == "proj_semantic_search"


def test_lists_page_by_id_and_name_what_usage_refers_to(
    openai: requests.Session, urls: Urls, reached: pd.DataFrame
) -> None:
    used = reached[reached["provider_id"] == "openai"]
    users, after = [], None
    while True:
        page = ask(openai, urls, "users", limit=15, **({"after": after} if after else {})).json()
        users.extend(one["id"] for one in page["data"])
        after = page["last_id"]
        if not page["has_more"]:
            break
    assert len(users) == len(set(users)) == 40
    projects = [one["id"] for one in ask(openai, urls, "projects").json()["data"]]
    assert set(used["project_id"].dropna()) <= set(projects)
    keys = [
        one["id"] for project in projects for one in ask(openai, urls, f"projects/{project}/api_keys").json()["data"]
    ]
    assert set(used.loc[used["project_id"].notna(), "api_key_id"]) <= set(keys)
    assert ask(openai, urls, "projects/proj_unknown/api_keys").status_code == 404


def test_unused_endpoints_can_be_given_rows(truth: GroundTruth) -> None:
    rows = pd.DataFrame(
        {
            "requested_at_utc": [pd.Timestamp("2026-11-02 01:30"), pd.Timestamp("2026-11-02 02:30")],
            "images": [3, 4],
            "num_model_requests": [1, 2],
            "size": ["1024x1024", "512x512"],
            "source": ["image.generation", "image.edit"],
            "model": ["gpt-image-1", "gpt-image-1"],
        }
    )
    with running_simulator(truth, options=Options(openai_usage={"images": rows})) as urls:
        session = requests.Session()
        session.headers["Authorization"] = f"Bearer {urls.simulator.keys.openai_admin_key}"
        data = ask(session, urls, "usage/images", start_time=START, group_by=["size", "model"]).json()["data"]
        results = data[1]["results"]
        assert {(one["size"], one["images"], one["source"]) for one in results} == {
            ("1024x1024", 3, None),
            ("512x512", 4, None),
        }
        only = ask(session, urls, "usage/images", start_time=START, **{"sources[]": "image.edit"}).json()["data"]
        assert only[1]["results"][0]["images"] == 4


@pytest.mark.parametrize(("style", "kind"), [("number", float), ("scientific", float)])
def test_amounts_can_be_numbers(truth: GroundTruth, style: str, kind: type) -> None:
    end = START + 86_400 * 5
    with running_simulator(truth, options=Options(openai_amounts=style)) as urls:
        session = requests.Session()
        session.headers["Authorization"] = f"Bearer {urls.simulator.keys.openai_admin_key}"
        answer = ask(session, urls, "costs", start_time=START, end_time=end, group_by="line_item")
    assert isinstance(answer.json()["data"][0]["results"][0]["amount"]["value"], kind)
    exact = answer.json(**{"parse_float": Decimal, "parse_int": Decimal})
    total = sum((result["amount"]["value"] for bucket in exact["data"] for result in bucket["results"]), Decimal(0))
    charges = truth.charges[truth.charges["provider_id"] == "openai"]
    first = datetime.fromtimestamp(START, UTC).date()
    days = charges["charge_date"]
    due = charges.loc[(days >= first) & (days < first + timedelta(days=5)), "billed_cost_usd"]
    assert total == sum(due, Decimal(0))
