"""A small home whose files, organisation, prices, clock and settings change at random.

Put here: one random change at a time, told in a sentence. Keep out: running, comparing.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

MODELS = (("openai", "gpt-4o-mini"), ("openai", "gpt-4.1"), ("anthropic", "claude-sonnet-4-5"), ("openai", "own-model"))
KEYS = ("key_a", "key_b", "key_c")
TEAMS = ("search", "support", "research")
START = datetime.fromisoformat("2026-06-10T09:00:00")
_FOCUS = (
    "BillingAccountId", "BillingCurrency", "BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart",
    "ChargePeriodEnd", "ChargeCategory", "ChargeDescription", "ChargeFrequency", "ProviderName", "PublisherName",
    "InvoiceIssuerName", "ServiceName", "ServiceCategory", "BilledCost", "EffectiveCost", "ListCost", "ContractedCost",
)  # fmt: skip


class ChangingHome:
    """The drop folder of a home and the clock that its runs go by."""

    def __init__(self, home: Path, seed: int) -> None:
        self.home, self.now, self.environment = home, START, dict[str, str]()
        self._choose = random.Random(seed)
        self._removed: dict[str, bytes] = {}
        self._files = 0
        self._rates = {"key_a": "search", "key_b": "support", "key_c": "research"}
        self._ownership()
        self._teams()
        self._budgets()
        for _ in range(3):
            self.add_events()
        self.add_bill()
        self.add_gpu()

    def change(self) -> str:
        """Change one thing; says what."""
        self.now += timedelta(minutes=self._choose.choice((7, 50)))
        steps: list[tuple[int, Callable[[], str]]] = [
            (4, self.add_events), (3, self.edit_events), (2, self.remove), (2, self.restore), (2, self.rename),
            (2, self.add_bill), (2, self._edit_bill), (1, self.add_gpu), (2, self._move_key), (1, self._teams),
            (1, self._budgets), (1, self._contract), (1, self._rule), (2, self._turn_day), (1, self._setting),
            (1, lambda: "nothing"),
        ]  # fmt: skip
        return self._choose.choices([step for _, step in steps], [weight for weight, _ in steps])[0]()

    def add_events(self) -> str:
        """A file of calls of some days."""
        self._files += 1
        lines = [self._event(number) for number in range(self._choose.randint(1, 6))]
        return self._write(f"events/canonical/e{self._files}.jsonl", "\n".join(lines) + "\n")

    def edit_events(self) -> str:
        """Other tokens on one line of a file."""
        files = sorted((self.home / "drop/events/canonical").glob("*.jsonl"))
        if not files:
            return self.add_events()
        path = self._choose.choice(files)
        lines = path.read_text().splitlines()
        at = self._choose.randrange(len(lines))
        lines[at] = json.dumps(json.loads(lines[at]) | {"output_tokens": self._choose.randint(1, 90_000)})
        return self._write(path.relative_to(self.home / "drop").as_posix(), "\n".join(lines) + "\n")

    def remove(self) -> str:
        """A file goes."""
        files = self._data_files()
        if len(files) < 2:
            return "nothing"
        path = self._choose.choice(files)
        name = path.relative_to(self.home / "drop").as_posix()
        self._removed[name] = path.read_bytes()
        path.unlink()
        return f"{name} goes"

    def restore(self) -> str:
        """A file that went comes back as it was."""
        if not self._removed:
            return "nothing"
        name = self._choose.choice(sorted(self._removed))
        return self._write(name, self._removed.pop(name).decode())

    def rename(self) -> str:
        """A file of calls lies under another name."""
        files = sorted((self.home / "drop/events/canonical").glob("*.jsonl"))
        if not files:
            return "nothing"
        path = self._choose.choice(files)
        self._files += 1
        target = path.with_name(f"renamed{self._files}.jsonl")
        os.replace(path, target)
        return f"{path.name} is called {target.name}"

    def add_bill(self) -> str:
        """A bill of one account for a month."""
        account = self._choose.choice(("acme", "beta"))
        return self._write(f"billing/focus/{account}/june.csv", self._bill(account))

    def add_gpu(self) -> str:
        """A log of a GPU for an hour."""
        day = self.now - timedelta(days=self._choose.randint(1, 3))
        rows = [
            f"{day:%Y/%m/%d} 10:{minute:02}:00.000, GPU-1, NVIDIA H100 80GB HBM3, {self._choose.randint(0, 100)} %"
            for minute in range(0, 30, 5)
        ]
        header = "timestamp, uuid, name, utilization.gpu [%]"
        return self._write(f"gpu/node1/{day:%Y-%m-%d}.csv", "\n".join([header, *rows]) + "\n")

    def _event(self, number: int) -> str:
        provider, model = self._choose.choice(MODELS)
        asked = self.now - timedelta(hours=self._choose.randint(1, 200))
        return json.dumps(
            {
                "event_id": f"{self._files}-{number}",
                "requested_at_utc": f"{asked.isoformat(timespec='seconds')}Z",
                "provider_name": provider,
                "requested_model": model,
                "api_key_id": self._choose.choice(KEYS),
                "uncached_input_tokens": self._choose.randint(1, 500_000),
                "output_tokens": self._choose.randint(1, 90_000),
            }
        )

    def _bill(self, account: str) -> str:
        rows = []
        for day in range(1, 10):
            cost = f"{self._choose.randint(1, 400) / 100:.2f}"
            values = (
                account, "USD", "2026-06-01T00:00:00Z", "2026-07-01T00:00:00Z", f"2026-06-{day:02}T00:00:00Z",
                f"2026-06-{day + 1:02}T00:00:00Z", "Usage", "tokens", "Usage-Based", "AWS", "AWS", "AWS", "Bedrock",
                "AI and Machine Learning", cost, cost, cost, cost,
            )  # fmt: skip
            rows.append(",".join(values))
        return "\n".join([",".join(_FOCUS), *rows]) + "\n"

    def _edit_bill(self) -> str:
        bills = sorted((self.home / "drop/billing/focus").rglob("*.csv"))
        if not bills:
            return self.add_bill()
        path = self._choose.choice(bills)
        return self._write(path.relative_to(self.home / "drop").as_posix(), self._bill(path.parent.name))

    def _move_key(self) -> str:
        self._rates[self._choose.choice(KEYS)] = self._choose.choice(TEAMS)
        return self._ownership()

    def _ownership(self) -> str:
        rows = [f"api_key,{key},,{team},," for key, team in self._rates.items()]
        header = "subject_type,subject_id,provider_name,team_id,valid_from,valid_to"
        return self._write("org/ownership.csv", "\n".join([header, *rows]) + "\n")

    def _teams(self) -> str:
        rows = [f"{team},{team.title()},{team}-lead-{self._choose.randint(1, 9)}" for team in TEAMS]
        return self._write("org/teams.csv", "\n".join(["team_id,team_name,owner", *rows]) + "\n")

    def _budgets(self) -> str:
        row = f"b1,All,global,,month,{self._choose.randint(1, 90)}.00"
        header = "budget_id,budget_name,scope_type,scope_id,period,amount_usd"
        return self._write("org/budgets.csv", f"{header}\n{row}\n")

    def _contract(self) -> str:
        row = f"openai,,,{self._choose.randint(1, 30)},,2026-06-01,"
        header = "provider_name,model,meter,discount_pct,price_usd_per_million_units,valid_from,valid_to"
        return self._write("org/negotiated_prices.csv", f"{header}\n{row}\n")

    def _rule(self) -> str:
        target = self._choose.choice(TEAMS)
        header = "rule_id,rule_name,method,provider_name,basis,basis_source,target_type,target_id,percent"
        rows = [f"share,Shared,even,aws,,,team,{team}," for team in (target, "search") if team]
        return self._write("org/allocation_rules.csv", "\n".join([header, *dict.fromkeys(rows)]) + "\n")

    def _turn_day(self) -> str:
        self.now += timedelta(days=1)
        return f"it is {self.now:%Y-%m-%d}"

    def _setting(self) -> str:
        basis = self._choose.choice(("billed", "effective"))
        self.environment = {"COSTOPS_ALLOCATION_BASIS": basis}
        return f"COSTOPS_ALLOCATION_BASIS={basis}"

    def _data_files(self) -> list[Path]:
        drop = self.home / "drop"
        return sorted(path for folder in ("events", "billing", "gpu") for path in (drop / folder).rglob("*.*"))

    def _write(self, name: str, text: str) -> str:
        path = self.home / "drop" / name
        is_new = not path.exists()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        at = self.now.timestamp() - 3600
        os.utime(path, (at, at))
        return f"{name} {'comes' if is_new else 'changes'}"
