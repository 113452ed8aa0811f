"""Cost Explorer through boto3: patient, counted, and with every answer as AWS printed it.

Each request costs 0.01 USD, so a run has a budget. boto3 is an optional extra; nothing here imports it at the top.
Put here: sending and counting. Keep out: what is asked.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from ingestion.api.bounds import require_encryption, within
from ingestion.api.errors import (
    ApiError,
    BadRequestError,
    MalformedResponseError,
    NotFoundError,
    TransportError,
    WrongCredentialError,
    redact,
)
from ingestion.api.numbers import loads
from ingestion.api.session import CONNECT_SECONDS, RetryPolicy
from ingestion.config import ApiSettings

log = logging.getLogger(__name__)
COST_PER_REQUEST_USD = Decimal("0.01")
REFUSED_CREDENTIALS = frozenset(
    "UnrecognizedClientException InvalidClientTokenId SignatureDoesNotMatch ExpiredTokenException ExpiredToken "
    "AccessDeniedException AccessDenied MissingAuthenticationToken "
    "MissingAuthenticationTokenException InvalidSignatureException IncompleteSignature "
    "AuthFailure OptInRequired".split()
)
PASSING = frozenset(
    "ThrottlingException Throttling TooManyRequestsException LimitExceededException RequestLimitExceeded "
    "ServiceUnavailable ServiceUnavailableException InternalFailure InternalServerError InternalServerException "
    "RequestTimeout RequestTimeoutException".split()
)
NO_DATA = "DataUnavailableException"


class NoDataYetError(BadRequestError):
    """AWS has not enough data for the question."""


class BudgetUsedError(ApiError):
    """The run may not ask more."""


class CostExplorer:
    """One account's Cost Explorer. `request_count` counts what was sent, repeated requests included."""

    def __init__(
        self,
        api: ApiSettings,
        *,
        policy: RetryPolicy | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC).replace(tzinfo=None),
    ) -> None:
        self.now = now
        self.request_count = 0
        self.budget = api.aws_max_requests
        self.policy = policy or RetryPolicy.of(api)
        self._secrets = tuple(
            secret for secret in (api.aws_access_key_id, api.aws_secret_access_key, api.aws_session_token) if secret
        )
        self._jitter = random.Random()
        self._body = b""
        if api.aws_cost_explorer_url:
            require_encryption(api.aws_cost_explorer_url, "AWS_ENDPOINT_URL_COST_EXPLORER")
        self._client = self._connect(api)

    @property
    def spent_usd(self) -> Decimal:
        """What AWS charges for the requests so far."""
        return COST_PER_REQUEST_USD * self.request_count

    def _connect(self, api: ApiSettings) -> Any:
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError

        try:
            session = boto3.Session(
                aws_access_key_id=api.aws_access_key_id,
                aws_secret_access_key=api.aws_secret_access_key,
                aws_session_token=api.aws_session_token,
                profile_name=None if api.aws_access_key_id else api.aws_profile,
            )
            client = session.client(
                "ce",
                region_name=api.aws_region,
                endpoint_url=api.aws_cost_explorer_url,
                config=Config(
                    retries={"total_max_attempts": 1},
                    connect_timeout=CONNECT_SECONDS,
                    read_timeout=self.policy.timeout_seconds,
                ),
            )
        except (BotoCoreError, ValueError) as error:
            raise WrongCredentialError(
                f"{redact(str(error), self._secrets)}; check AWS_PROFILE and AWS_REGION"
            ) from None
        client.meta.events.register("before-send.ce.*", self._count)
        client.meta.events.register("after-call.ce.*", self._keep)
        return client

    def _count(self, **_: Any) -> None:
        if self.request_count >= self.budget:
            raise BudgetUsedError(
                f"the budget of {self.budget} Cost Explorer requests ({self.spent_usd} USD) is used; what was received "
                "stays. Run again to go on, or raise COSTOPS_AWS_MAX_REQUESTS"
            )
        self.request_count += 1

    def _keep(self, http_response: Any, **_: Any) -> None:
        self._body = http_response.content

    def call(self, operation: str, **params: Any) -> Any:
        """The answer to an operation as JSON, all fields kept. botocore checks the parameters' shapes."""
        problem: ApiError = TransportError(operation)
        for attempt in range(1, self.policy.max_attempts + 1):
            try:
                return self._once(operation, params)
            except (TransportError, MalformedResponseError) as error:
                problem = error
            if attempt < self.policy.max_attempts:
                ceiling = min(self.policy.max_seconds, self.policy.base_seconds * 2 ** (attempt - 1))
                pause = ceiling * self._jitter.uniform(0.5, 1.0)
                log.info("%s; attempt %d, next in %.1f s", problem, attempt, pause)
                self.policy.sleep(pause)
        tried = f"tried {self.policy.max_attempts} times; what was received stays, run again to go on"
        raise type(problem)(f"{problem} ({tried})") from None

    def _once(self, operation: str, params: dict[str, Any]) -> Any:
        from botocore.exceptions import (
            BotoCoreError,
            ClientError,
            NoCredentialsError,
            ParamValidationError,
            PartialCredentialsError,
        )
        from urllib3.exceptions import HTTPError

        self._body = b""
        try:
            within(
                self.policy.request_seconds, lambda _: getattr(self._client, operation)(**params), f"AWS {operation}"
            )
        except ClientError as error:
            raise self._judged(operation, error.response) from None
        except ParamValidationError as error:
            raise BadRequestError(f"{operation}: {error}") from None
        except (NoCredentialsError, PartialCredentialsError) as error:
            raise WrongCredentialError(f"{error}; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY") from None
        except (BotoCoreError, HTTPError, OSError) as error:
            raise TransportError(redact(f"{operation}: {type(error).__name__}", self._secrets)) from None
        except (AttributeError, TypeError, LookupError, ValueError) as error:
            raise MalformedResponseError(f"{operation}: botocore cannot read the answer ({error})") from None
        try:
            body = loads(self._body.decode("utf-8-sig"))
        except (ValueError, RecursionError):
            shown = redact(repr(self._body[:80]), self._secrets)
            raise MalformedResponseError(f"{operation}: the answer is no JSON: {shown}") from None
        if not isinstance(body, dict):
            raise MalformedResponseError(f"{operation}: the answer is {type(body).__name__}, no JSON object")
        return body

    def _judged(self, operation: str, response: dict[str, Any]) -> ApiError:
        told = response.get("Error", {})
        code = str(told.get("Code", ""))
        status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        said = redact(f"{operation}: {code}: {str(told.get('Message', ''))[:300]}", self._secrets)
        if code in REFUSED_CREDENTIALS or (status in (401, 403) and code not in PASSING):
            return WrongCredentialError(
                f"{said}. AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (or AWS_PROFILE) are not accepted, or the "
                "account may not call ce:GetCostAndUsage and ce:GetCostForecast; set valid ones"
            )
        if code in PASSING or status == 429 or status >= 500:
            return TransportError(said)
        if code == NO_DATA:
            return NoDataYetError(said)
        return NotFoundError(said) if status == 404 else BadRequestError(said)
