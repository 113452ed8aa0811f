"""Variables that are set and change nothing: misspelt names, and channels and targets that lack another one.

Put here: what an operator should notice about variables. Keep out: what they mean (`ingestion.config`), their values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from difflib import get_close_matches
from itertools import combinations
from typing import Any

from ingestion.config import Settings
from ingestion.environment import OURS, Environment
from orchestration.alerting.channels import alert_channels
from orchestration.home.paths import environment_of
from orchestration.publishing import doubles
from orchestration.publishing.targets import publication_targets
from orchestration.reports.channels import report_channels
from orchestration.serving import oidc

NOT_SETTINGS = (
    *("COSTOPS_URL", "COSTOPS_API_KEY"),
    *("COSTOPS_TEST_", "COSTOPS_BENCH_", "COSTOPS_CI_", "COSTOPS_FOCUS_", "COSTOPS_PRICING_", "COSTOPS_SHARED_DATA"),
)
"""How names begin of what clients of the server, the tests and benchmarks read."""
GIVEN_TO_DBT = (
    "COSTOPS_BUILD_FROM_STATE",
    "COSTOPS_TODAY",
    "COSTOPS_REPRICING",
    "COSTOPS_SPARK_HOST",
    "COSTOPS_SPARK_PORT",
    "COSTOPS_SPARK_USER",
)


def unused_variables(settings: Settings) -> list[str]:
    """A sentence for each variable that nothing reads, and for each channel or target that is off for want of one."""
    channels = (
        (settings.alert_variables, [(each.name, each.variables, each.connect) for each in alert_channels()]),
        (settings.publish_variables, [(each.name, each.variables, each.connect) for each in publication_targets()]),
        (settings.report_variables, [(each.name, each.variables, each.connect) for each in report_channels()]),
    )
    of_channels = {name for _, members in channels for _, names, _ in members for name in names}
    of_channels |= {doubles.VARIABLE, oidc.ISSUER, oidc.CLIENT, oidc.SECRET}
    given = [name for variables, _ in channels for name in variables] + [*settings.serve_variables]
    unread = [name for name in given if name.partition("__")[0] not in of_channels]
    ours = environment_of(settings).keys() | set(GIVEN_TO_DBT)
    unread += [each for each in settings.unread_variables if each not in ours and not each.startswith(NOT_SETTINGS)]
    known = of_channels | _asked_for()
    said = [_unread(name, known) for name in sorted(unread)]
    for variables, members in channels:
        said += [words for each in members if (words := _lacking(variables, *each))]
    return said


def wrong_words(settings: Settings) -> list[str]:
    """A sentence for each setting whose word only its reader knows, and does not."""
    said = []
    if settings.forecast_model != Settings.forecast_model:
        from ml.forecasting import ForecastParams

        said += _refused("COSTOPS_FORECAST_MODEL", lambda: ForecastParams(model=settings.forecast_model))
    if settings.holiday_countries not in ((), Settings.holiday_countries):
        from ml.forecasting.quiet_days import occasions

        day = date(2026, 1, 1)
        said += _refused("COSTOPS_HOLIDAYS", lambda: occasions(day, day, settings.holiday_countries))
    return said


def _refused(name: str, read: Callable[[], Any]) -> list[str]:
    try:
        read()
    except ValueError as error:
        return [f"{name} cannot be read: {error}"]
    return []


def _asked_for() -> set[str]:
    env = Environment({})
    Settings.from_env(env)
    return env.asked


def _unread(name: str, known: Iterable[str]) -> str:
    base, _, second = name.partition("__")
    meant = _closest(base, known)
    hint = f"is {meant}{f'__{second}' if second else ''} meant?" if meant else "docs/getting_started.md has the names"
    return f"{name} is set, but no setting is called so: it changes nothing; {hint}"


def _closest(name: str, known: Iterable[str]) -> str | None:
    """The setting that a name may have been meant for; joints count nothing."""
    plain = {each.removeprefix(OURS).replace("_", ""): each for each in sorted(known)}
    wanted = name.removeprefix(OURS).replace("_", "")
    close = get_close_matches(wanted, plain, n=1, cutoff=0.75)
    within = [each for each in plain if len(wanted) > 4 and wanted in each]
    return plain[(close or within)[0]] if close or within else None


def _lacking(
    variables: Mapping[str, str], name: str, names: tuple[str, ...], connect: Callable[[Mapping[str, str]], Any]
) -> str:
    """What a channel or target that is partly configured lacks; nothing where it is off or on."""
    given = {each: variables[each] for each in names if each in variables}
    absent = [each for each in names if each not in given]
    if not given or connect(given):
        return ""
    for count in (1, 2):
        for more in combinations(absent, count):
            if connect(given | dict.fromkeys(more, "x")):
                return (
                    f"{' and '.join(given)} set without {' and '.join(more)}: nothing goes to {name}; set that as well"
                )
    return ""
