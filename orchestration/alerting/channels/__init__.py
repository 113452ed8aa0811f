"""Channels of alerts, one module each: a new file here is told of alerts in the next run, and no other line changes.

A module holds `CHANNEL`, an `AlertChannel`: its name and how it sends where its variables are set. To tell once, and
again after a failure, is the business of `alerting.delivery` and the same for all.

Put here: one channel per module. Keep out: retries, what was told (`alerting.deliveries`).
"""

from __future__ import annotations

from collections.abc import Mapping

from ml.discovery import members
from orchestration.alerting.delivery import AlertChannel, ConnectedChannel


def alert_channels() -> tuple[AlertChannel, ...]:
    """Every channel of this folder."""
    return members(__name__, __path__, "CHANNEL", AlertChannel)


def connected_channels(variables: Mapping[str, str]) -> tuple[ConnectedChannel, ...]:
    """The channels whose variables are set; those for want of another where none is."""
    found: list[ConnectedChannel] = []
    for_want: list[ConnectedChannel] = []
    for channel in alert_channels():
        if send := channel.connect(variables):
            secrets = tuple(variables[name] for name in channel.variables if variables.get(name))
            (for_want if channel.for_want_of_another else found).append(ConnectedChannel(channel.name, send, secrets))
    return tuple(found or for_want)
