"""The monthly close as Dagster sees it: a job that prepares it, and a check that closed months are untouched.

Put here: the job, its schedule, the check. Keep out: closing itself, which is left to a person (`costops close`).
"""

from datetime import timedelta

import dagster as dg

from ingestion.sources.ledger.records import read_ledger
from orchestration.closing.books import CloseRefusedError, propose
from orchestration.closing.periods import name_of
from orchestration.publishing.query import NothingPublishedError
from orchestration.resources import Home


@dg.op(description="Check last month and write a draft of its statement; nothing is closed.")
def prepare_close(context: dg.OpExecutionContext, home: Home) -> None:
    """Leave a draft and the list of checks for the person who closes."""
    settings, now = home.settings(), home.now()
    month = (now.date().replace(day=1) - timedelta(days=1)).replace(day=1)
    try:
        proposal = propose(settings, month, now)
    except CloseRefusedError as error:
        context.log.info(str(error))
        return
    except NothingPublishedError as error:
        raise dg.Failure(str(error)) from None
    draft = settings.home / "drafts" / name_of(month)
    draft.mkdir(parents=True, exist_ok=True)
    for name, content in proposal.statement.files().items():
        (draft / name).write_bytes(content)
    for check in proposal.checks:
        tell = context.log.info if check.is_passed else context.log.warning
        tell(f"{'passed' if check.is_passed else 'failed'}: {check.words}")
    context.add_output_metadata(
        {
            "month": name_of(month),
            "is_ready": not proposal.reasons,
            "reasons": dg.MetadataValue.md("\n".join(f"* {reason}" for reason in proposal.reasons) or "none"),
            "statement_usd": str(proposal.statement.statement_amount_usd),
            "draft": dg.MetadataValue.path(str(draft)),
            "next_step": f"costops close {name_of(month)}",
        }
    )


@dg.job(description="Prepare the close of last month: checks and a draft. A person closes it with `costops close`.")
def close_month() -> None:
    """Prepare, never close."""
    prepare_close()


@dg.asset_check(
    asset=dg.AssetKey(["raw_ledger", "closed_lines"]),
    name="closed_months_verify",
    description="The hash chain of all closed months, computed anew.",
)
def closed_months_verify(home: Home) -> dg.AssetCheckResult:
    """Name what was changed in a closed month."""
    ledger = read_ledger(home.settings().ledger_dir)
    return dg.AssetCheckResult(
        passed=not ledger.faults,
        severity=dg.AssetCheckSeverity.ERROR,
        metadata={
            "records": len(ledger.records),
            "faults": dg.MetadataValue.md("\n".join(f"* {fault}" for fault in ledger.faults) or "none"),
        },
    )
