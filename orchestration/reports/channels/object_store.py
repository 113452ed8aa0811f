"""Reports into a folder or an object store: `s3://bucket/llm-costs/{{ year }}/{{ month }}/report.pdf`.

Put here: writing one object. Keep out: trying again. Objects keep the bucket's own access: nothing is made public.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ingestion.whole_files import replace_file
from orchestration.alerting.delivery import DeliveryError
from orchestration.reports.channels.model import Parcel, ReportChannel, Send, filled, only

SCHEMES = ("s3://", "gs://", "abfs://", "az://", "file://", "memory://")
ENDPOINT = "COSTOPS_REPORT_S3_ENDPOINT_URL"


def connect(variables: Mapping[str, str]) -> Send | None:
    """Writes wherever the schedule says, with the store's own credentials (AWS_…, GOOGLE_…, AZURE_…)."""
    endpoint = variables.get(ENDPOINT)

    def send(parcel: Parcel) -> None:
        write(parcel, endpoint=endpoint)

    return send


def write(parcel: Parcel, *, endpoint: str | None = None) -> None:
    """Each file as one object; written again it is the same one. What goes along lies beside the report."""
    from fsspec.core import url_to_fs

    address = filled(str(parcel.options["url"]), parcel)
    folder, _, name = address.rpartition("/")
    options: dict[str, Any] = (
        {"client_kwargs": {"endpoint_url": endpoint}} if endpoint and address.startswith("s3://") else {}
    )
    try:
        for number, file in enumerate(parcel.files):
            store, path = url_to_fs(f"{folder}/{name if number == 0 and name else file.name}", **options)
            if address.startswith("file://"):
                replace_file(Path(path), file.content)
            else:
                store.pipe_file(path, file.content)
    except ImportError as error:
        missing = error.name or "a package"
        raise DeliveryError(
            f"object_store: {missing} is not installed, which this store needs", is_final=True
        ) from None
    except Exception as error:  # each store has its own; their texts may hold keys
        raise DeliveryError(f"object_store: {type(error).__name__}; check url and the store's credentials") from None


def check(options: Mapping[str, Any]) -> str:
    """An address is needed."""
    if wrong := only(options, ("url",)):
        return wrong
    url = options.get("url")
    if not isinstance(url, str) or not url.startswith(SCHEMES):
        return f"url {url!r} begins with none of {', '.join(SCHEMES)}"
    return ""


CHANNEL = ReportChannel("object_store", connect, (ENDPOINT,), check)
