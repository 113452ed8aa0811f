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
    """The channels whose variables are set; those for want of another where none is.

    A variable that ends in `__NAME` configures a second one of its kind, `slack@name`, which differs from the first in
    these variables and is told of what is routed to it.
    """
    found: list[ConnectedChannel] = []
    for_want: list[ConnectedChannel] = []
    for channel in alert_channels():
        names = {
            suffix.lower()
            for given in variables
            if (parts := given.partition("__")) and parts[0] in channel.variables and (suffix := parts[2])
        }
        for name in ("", *sorted(names)):
            own = {each: variables.get(f"{each}__{name.upper()}") if name else None for each in channel.variables}
            values = {each: own[each] or variables.get(each, "") for each in channel.variables}
            values = {each: value for each, value in values.items() if value}
            if send := channel.connect(values):
                full_name = f"{channel.name}@{name}" if name else channel.name
                known = ConnectedChannel(full_name, send, tuple(values.values()), channel.one_by_one)
                (for_want if channel.for_want_of_another else found).append(known)
    return tuple(found or for_want)
