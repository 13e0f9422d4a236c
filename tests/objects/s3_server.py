"""An object store on loopback: moto's S3 server in a thread of the test process, with buckets that keep versions and can lock."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import botocore.session
from moto.server import ThreadedMotoServer

# of the tests alone; where they turn up in a workspace, an answer or an error, something is wrong
KEY, SECRET = "AKIATESTONLY00000000", "secret-of-the-tests-alone"
_NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Server:
    """A server with its address and the environment in which the cloud's programs find it."""

    url: str
    client: Any = field(repr=False)
    environment: dict[str, str] = field(repr=False)

    def bucket(self) -> Bucket:
        """A new bucket that keeps versions."""
        name = f"logs-{next(_NUMBERS)}"
        self.client.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
        return Bucket(name=name, client=self.client)


@dataclass(frozen=True)
class Bucket:
    name: str
    client: Any = field(repr=False)

    def put(self, key: str, body: bytes) -> str:
        """Write an object; gives its version."""
        return str(self.client.put_object(Bucket=self.name, Key=key, Body=body)["VersionId"])

    def address(self, key: str = "") -> str:
        return f"s3://{self.name}/{key}"


@contextmanager
def started() -> Iterator[Server]:
    """A server that runs until the block ends."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    environment = {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    }
    client = botocore.session.get_session().create_client(
        "s3",
        region_name="us-east-1",
        endpoint_url=url,
        aws_access_key_id=KEY,
        aws_secret_access_key=SECRET,
    )
    try:
        yield Server(url=url, client=client, environment=environment)
    finally:
        client.close()
        server.stop()
