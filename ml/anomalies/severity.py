"""How pressing a flagged day is.

Put here: severities. Keep out: detection.
"""

from __future__ import annotations

import numpy as np

from ml.anomalies.params import AnomalyParams


def severities(
    impact: np.ndarray, strength: np.ndarray, flagged: np.ndarray, expected_total: np.ndarray, params: AnomalyParams
) -> list[str | None]:
    """`critical` for a big rise, `warning` for a rise, `info` for a fall and for what chance may do; None: not flagged.

    Big: `critical_impact_usd`, or `critical_impact_ratio_of_total` of what all spend together was expected to be.
    """
    share = params.critical_impact_ratio_of_total * expected_total
    limit = np.where(
        np.isfinite(share) & (share > 0), np.minimum(params.critical_impact_usd, share), params.critical_impact_usd
    )
    named = np.where(impact >= limit, "critical", "warning")
    unsure = (strength < params.sure_log10_p) & (impact < limit)
    named = np.where((impact < params.warning_impact_usd) | unsure, "info", named)
    return [str(name) if is_flagged else None for name, is_flagged in zip(named, flagged, strict=True)]
