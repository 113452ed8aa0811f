"""The detector on real, labelled monitoring data; figures of the whole sets are in docs/anomalies.md."""

from __future__ import annotations

from dataclasses import replace

from tests.support.shared_data import shared_data
from tests.unit.ml.labelled_series import HOURLY, add, judge, read_cloud_monitoring, read_nab

QUICK = replace(HOURLY, tree_count=50)
NAB_SAMPLE = {
    "ec2_cpu_utilization_24ae8d",
    "ec2_cpu_utilization_825cc2",
    "grok_asg_anomaly",
    "elb_request_count_8c0756",
}


def test_aws_cloudwatch_alarms_are_mostly_right():
    chosen = [s for s in read_nab(shared_data("series/nab")) if s.name in NAB_SAMPLE]
    outcome = add([judge(s, QUICK) for s in chosen])
    assert outcome.windows == 7
    assert outcome.found_windows >= 5
    assert outcome.true_alarms >= outcome.alarms - 1


def test_cloud_monitoring_most_marked_events_are_found():
    folder = shared_data("series/ms_cloud_monitoring")
    chosen = [s for s in read_cloud_monitoring(folder) if s.name in {"app1-01", "app1-03", "app1-07", "outbound-04"}]
    outcome = add([judge(s, QUICK) for s in chosen])
    assert outcome.windows == 12
    assert outcome.found_windows >= 10
    assert outcome.flagged_steps < 0.05 * outcome.scored_steps
