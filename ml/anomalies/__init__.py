"""Days on which a slice of the spend left its own past, fitted on the past only.

Put here: detection on daily series. Keep out: alerts, anything that reads or writes.
"""

from ml.anomalies.detect import ANOMALY_COLUMNS, detect_anomalies
from ml.anomalies.params import AnomalyParams

__all__ = ["ANOMALY_COLUMNS", "AnomalyParams", "detect_anomalies"]
