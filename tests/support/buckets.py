"""An S3 server (moto) on loopback with an empty bucket.

Put here: the server. Keep out: what is in the bucket.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
import s3fs
from moto.server import ThreadedMotoServer

SECRET = "planted-secret-of-the-bucket"


@contextmanager
def bucket_server(monkeypatch: pytest.MonkeyPatch, name: str) -> Iterator[Any]:
    """A client of the server; the environment leads there."""
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    variables = {
        "AWS_ACCESS_KEY_ID": "AKIAPLANTEDINTESTS00",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
    }
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value)
    s3fs.S3FileSystem.clear_instance_cache()
    client = boto3.client("s3")
    client.create_bucket(Bucket=name)
    yield client
    s3fs.S3FileSystem.clear_instance_cache()
    server.stop()
