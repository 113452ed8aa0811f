"""Feeds every configured target with the marts that changed since it wrote them.

Targets read the published copy, never the warehouse: what they have is a version that readers have too. What each has
is kept beside the copy, so one that failed or is new gets all it lacks, and one that lacks nothing is not asked.

Put here: what a target is, what it lacks, noting what it has. Keep out: targets (`targets`), making the copy.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ingestion.whole_files import replace_file
from ml.identity import stable_id
from orchestration.text.secrets import secrets_of, without

HELD = ".targets.json"
"""In the folder of the published copy: what each target has, by mart."""


@dataclass(frozen=True)
class PublishedVersion:
    """The version that readers see now."""

    database: Path
    """DuckDB, with every mart in schema `marts`."""
    parquet_dir: Path
    contents: Mapping[str, str]
    """Its marts, each with what it was made from: equal where the rows are; empty where that is not known."""

    def parquet(self, mart: str) -> Path:
        """The file of a mart."""
        return self.parquet_dir / f"{mart}.parquet"


@dataclass(frozen=True)
class Delivery:
    """What a target tells of one publication."""

    notes: tuple[str, ...] = ()
    """What did not travel, or needs a person, in words."""
    figures: Mapping[str, int] = field(default_factory=dict)
    """How much was written, by what is counted: `rows_written`."""


class TargetError(Exception):
    """A target cannot be written: what is wrong and the remedy, in words, without a secret."""


Publish = Callable[[Sequence[str], Sequence[str], PublishedVersion], "Delivery | None"]
"""`publish(marts_changed, marts_gone, version)`: writes the marts that changed since it last did, takes out those that
are gone. Called again with the same marts it leaves the same behind. Raises where it could not: all is due again."""


@dataclass(frozen=True)
class PublicationTarget:
    """A place that the marts go to. `TARGET` of each module in `publishing/targets/` is one."""

    name: str
    connect: Callable[[Mapping[str, str]], Publish | None]
    """From the variables `COSTOPS_PUBLISH_*` that are set to how it writes; None where it is not configured."""
    variables: tuple[str, ...] = ()
    """Those that it reads; their values may be secrets. Another value is another place, which has nothing yet."""
    plain: tuple[str, ...] = ()
    """Those of them that say how, not where: no secrets."""


@dataclass(frozen=True)
class ConnectedTarget:
    """A target that is configured."""

    name: str
    publish: Publish
    values: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()
    """Values that say how, and are no secrets."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no message may hold."""
        return tuple(secret for value in self.values for secret in secrets_of(value))

    @property
    def place(self) -> str:
        """Tells one place from another without saying where it is."""
        return stable_id(self.name, *self.values, *self.plain)


@dataclass(frozen=True)
class Distributed:
    """What became of one target; `failure` is None where it has everything."""

    target: str
    marts_changed: tuple[str, ...]
    marts_gone: tuple[str, ...] = ()
    failure: str | None = None
    delivery: Delivery = Delivery()


def distribute(published_dir: Path, version: PublishedVersion, targets: Sequence[ConnectedTarget]) -> list[Distributed]:
    """Give each target what it lacks of `version`. The failure of one costs the others nothing."""
    held = _held(published_dir)
    done = []
    for target in targets:
        changed, gone = _lacks(held.get(target.place, {}), version.contents)
        if not changed and not gone:
            continue
        try:
            told = target.publish(changed, gone, version)
        except Exception as error:
            kind = "" if isinstance(error, TargetError) else f"{type(error).__name__}: "
            failure = f"target {target.name}: {kind}{without(target.secrets, str(error))}"
            done.append(Distributed(target.name, changed, gone, failure))
            continue
        held[target.place] = dict(version.contents)
        _keep(published_dir, {each.place: held[each.place] for each in targets if each.place in held})
        delivery = told if isinstance(told, Delivery) else Delivery()
        done.append(Distributed(target.name, changed, gone, delivery=delivery))
    return done


def are_behind(published_dir: Path, contents: Mapping[str, str], targets: Sequence[ConnectedTarget]) -> list[str]:
    """Names of the targets that lack something of which it is known what it is made from."""
    held = _held(published_dir)
    known = {mart: key for mart, key in contents.items() if key}
    return [
        target.name
        for target in targets
        if any(held.get(target.place, {}).get(mart) != key for mart, key in known.items())
    ]


def _lacks(has: Mapping[str, str], contents: Mapping[str, str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    changed = tuple(mart for mart, key in sorted(contents.items()) if not key or has.get(mart) != key)
    return changed, tuple(sorted(has.keys() - contents.keys()))


def _held(published_dir: Path) -> dict[str, dict[str, str]]:
    try:
        held = json.loads((published_dir / HELD).read_text())
        return held if isinstance(held, dict) else {}
    except (OSError, ValueError):
        return {}


def _keep(published_dir: Path, held: Mapping[str, Mapping[str, str]]) -> None:
    replace_file(published_dir / HELD, json.dumps(held))
