"""From a gauge to a message: a real Prometheus scrapes, a real Alertmanager routes, a receiver on loopback is told.

Both come from Debian's packages and are started here; waits of minutes are shortened to a second.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from orchestration.publishing.prometheus.gauges import GAUGES
from orchestration.publishing.prometheus.grafana import EXPRESSIONS, FIRING, dashboard_json
from orchestration.publishing.prometheus.routing import RECEIVERS, SAME_PROBLEM, routing_file
from orchestration.publishing.prometheus.rules import RULES, rules_file
from tests.support.alert_receivers import Hook
from tests.support.http_stub import Answer, serving
from tests.support.ports import free_port

PROMETHEUS, ALERTMANAGER = shutil.which("prometheus"), shutil.which("prometheus-alertmanager")
PROMTOOL, AMTOOL = shutil.which("promtool"), shutil.which("amtool")
BUDGET = 'budget_id="search-2026",period="month",scope_type="team",scope_id="search"'
PASSED = f"""\
# TYPE llm_budget_spend gauge
llm_budget_spend{{{BUDGET}}} 120
# TYPE llm_budget_monthly gauge
llm_budget_monthly{{{BUDGET}}} 100
# TYPE llm_budget_projected gauge
llm_budget_projected{{{BUDGET}}} 150
"""


@contextmanager
def running(command: list[str], log: Path) -> Iterator[None]:
    with log.open("w") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out)
        try:
            yield
        finally:
            process.terminate()
            process.wait(timeout=30)


def until(holds: Callable[[], Any], what: str, seconds: float = 40) -> Any:
    end = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < end, what
        time.sleep(0.2)
    return found


def asked(address: str) -> Any:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return json.load(answer)
    except OSError:
        return None


@pytest.mark.skipif(not (PROMETHEUS and ALERTMANAGER), reason="Debian packages prometheus, prometheus-alertmanager")
def test_a_passed_budget_reaches_its_receiver_once_and_not_as_a_warning_beside_it(tmp_path: Path) -> None:
    assert PROMETHEUS
    assert ALERTMANAGER
    ports = {"prometheus": free_port(), "alertmanager": free_port()}
    with ExitStack() as stack:
        hook = stack.enter_context(Hook())
        page = {"content-type": "text/plain; version=0.0.4"}
        exporter = stack.enter_context(serving(lambda _: Answer(PASSED, headers=page)))
        routing = yaml.safe_load(routing_file())
        routing["route"] |= {"group_wait": "1s", "group_interval": "1s"}
        for receiver in routing["receivers"]:
            receiver["webhook_configs"] = [{"url": f"{hook.url}?{receiver['name']}"}]
        (tmp_path / "alertmanager.yml").write_text(yaml.safe_dump(routing))
        (tmp_path / "rules.yml").write_text(re.sub(r"for: \w+", "for: 1s", rules_file()))
        config = {
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": ["rules.yml"],
            "scrape_configs": [
                {"job_name": "costops", "static_configs": [{"targets": [exporter.url.removeprefix("http://")]}]}
            ],
            "alerting": {"alertmanagers": [{"static_configs": [{"targets": [f"127.0.0.1:{ports['alertmanager']}"]}]}]},
        }
        (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(config))
        at = {name: f"127.0.0.1:{port}" for name, port in ports.items()}
        command = [
            ALERTMANAGER, f"--config.file={tmp_path}/alertmanager.yml", f"--storage.path={tmp_path}/am",
            f"--web.listen-address={at['alertmanager']}", "--cluster.listen-address=",
        ]  # fmt: skip
        stack.enter_context(running(command, tmp_path / "alertmanager.log"))
        until(lambda: asked(f"http://{at['alertmanager']}/api/v2/status"), "Alertmanager does not answer")
        command = [
            PROMETHEUS, f"--config.file={tmp_path}/prometheus.yml", f"--storage.tsdb.path={tmp_path}/tsdb",
            f"--web.listen-address={at['prometheus']}",
        ]  # fmt: skip
        stack.enter_context(running(command, tmp_path / "prometheus.log"))

        def firing() -> list[str]:
            found = asked(f"http://{at['prometheus']}/api/v1/alerts") or {"data": {"alerts": []}}
            return sorted(each["labels"]["alertname"] for each in found["data"]["alerts"] if each["state"] == "firing")

        until(lambda: firing() == ["BudgetExceeded", "ForecastOverBudget"], "the rules do not fire")
        until(lambda: hook.received, "nobody was told")
        time.sleep(3)  # what would come beside it comes by now
        for expression in EXPRESSIONS.values():
            query = urllib.request.quote(re.sub(r"\$\w+", ".*", expression))  # type: ignore[attr-defined]
            assert asked(f"http://{at['prometheus']}/api/v1/query?query={query}"), expression
    bodies = hook.bodies()
    assert [body["receiver"] for body in bodies] == [RECEIVERS["critical"]]
    (alert,) = bodies[0]["alerts"]
    assert alert["labels"]["budget_id"] == "search-2026"
    assert alert["annotations"]["description"] == "120% of budget search-2026 (month) is spent."


@pytest.mark.skipif(not AMTOOL, reason="amtool is not installed (Debian package prometheus-alertmanager)")
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.alert))
def test_alertmanager_routes_each_rule_by_its_severity(tmp_path: Path, rule: Any) -> None:
    assert AMTOOL
    path = tmp_path / "alertmanager.yml"
    path.write_text(routing_file())
    command = [AMTOOL, "config", "routes", "test", f"--config.file={path}", f"alertname={rule.alert}"]
    found = subprocess.run([*command, f"severity={rule.severity}"], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == RECEIVERS[rule.severity]


def test_problems_are_told_apart_by_labels_that_gauges_have() -> None:
    assert set(SAME_PROBLEM) - {"alertname"} <= {label for gauge in GAUGES for label in gauge.labels}


def test_the_dashboard_is_that_of_the_sdk_and_asks_for_what_is_there() -> None:
    from grafana_foundation_sdk.models.dashboard import Dashboard, Panel

    board = Dashboard.from_json(json.loads(dashboard_json()))
    assert (board.title, board.refresh) == ("LLM Cost Monitoring", "5m")
    panels = [each for each in board.panels or [] if isinstance(each, Panel)]
    places = {str(each.title): each.grid_pos for each in panels}
    assert {title: (at.x, at.y, at.w, at.h) for title, at in places.items() if at} == {
        "Current Month Cost": (0, 0, 6, 4), "Cost vs Budget": (6, 0, 6, 4), "Daily Cost Trend": (12, 0, 12, 8),
        "Cost by Model": (0, 4, 6, 6), "Cost by Tenant (Top 10)": (6, 4, 6, 6), "Cost per Request": (0, 10, 12, 6),
        "GPU Cost Efficiency": (12, 10, 12, 6), "Monthly Cost Forecast": (0, 16, 8, 4),
        "Optimization Opportunities": (8, 16, 16, 6), "Alerts": (0, 22, 24, 6),
        "Requests per GPU-Hour": (0, 28, 24, 6),
    }  # fmt: skip
    assert board.templating
    assert [each.name for each in board.templating.list_val or []] == ["source", "tenant_id", "model", "environment"]
    labels = {gauge.name: set(gauge.labels) for gauge in GAUGES}
    for expression in EXPRESSIONS.values():
        for name, chosen in re.findall(r"\b((?:llm|gpu|costops)_\w+)(?:\{(.*?)\})?", expression.replace(FIRING, "")):
            assert set(re.findall(r"(\w+)=", chosen)) <= labels[name], expression


@pytest.mark.skipif(not PROMTOOL, reason="promtool is not installed (Debian package prometheus)")
def test_prometheus_understands_every_panel(tmp_path: Path) -> None:
    assert PROMTOOL
    rules = [
        {"record": f"panel:{number}", "expr": re.sub(r"\$\w+", "x", expression)}
        for number, expression in enumerate(EXPRESSIONS.values())
    ]
    path = tmp_path / "panels.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
    done = subprocess.run([PROMTOOL, "check", "rules", str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
