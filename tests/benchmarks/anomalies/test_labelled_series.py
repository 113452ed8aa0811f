"""The detector on real, labelled monitoring data; figures of the whole sets are in docs/anomalies.md.

COSTOPS_BENCH_SIZE=full reads all of them.
"""

from __future__ import annotations

import os
from dataclasses import replace

from tests.benchmarks.anomalies.labelled import HOURLY, add, judge, read_cloud_monitoring, read_nab
from tests.support.shared_data import shared_data

IS_FULL = os.environ.get("COSTOPS_BENCH_SIZE") == "full"
NAB_SAMPLE = {
    "ec2_cpu_utilization_24ae8d",
    "ec2_cpu_utilization_825cc2",
    "grok_asg_anomaly",
    "elb_request_count_8c0756",
}
CLOUD_SAMPLE = {"app1-01", "app1-03"}
PARAMS = HOURLY if IS_FULL else replace(HOURLY, tree_count=20)


def test_of_the_windows_marked_in_aws_metrics_most_are_found():
    series = [s for s in read_nab(shared_data("series/nab")) if IS_FULL or s.name in NAB_SAMPLE]
    outcome = add([judge(s, PARAMS) for s in series])
    print("NAB realAWSCloudwatch", len(series), "series", outcome)
    assert outcome.found_windows >= 0.55 * outcome.windows > 3
    assert outcome.true_alarms >= 0.6 * outcome.alarms


def test_of_the_events_marked_in_cloud_metrics_half_are_found():
    folder = shared_data("series/ms_cloud_monitoring")
    series = [s for s in read_cloud_monitoring(folder) if IS_FULL or s.name in CLOUD_SAMPLE]
    outcome = add([judge(s, PARAMS) for s in series])
    print("Microsoft Cloud Monitoring", len(series), "series", outcome)
    assert outcome.found_windows >= 0.5 * outcome.windows > 3
    assert outcome.flagged_steps < 0.05 * outcome.scored_steps
