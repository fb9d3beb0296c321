"""One session a test: the clients, the names of the functions, and the last unchecked result."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Self

import boto3
from botocore.config import Config
from tavern._core import exceptions

if TYPE_CHECKING:
    from tavern_lambda.result import LambdaResult

_CONNECT_SECONDS = 5


class LambdaSession:
    """Made of the ``lambda:`` block of a test.

    Args:
        endpoint_url: where the Lambda API answers; from ``AWS_ENDPOINT_URL`` if not given.
            Without either, a real AWS account is meant, which ``TEST_HOST`` must confirm.
        functions: names in the scenario and what the functions are really called.
        function_prefix: put before every name that ``functions`` does not have.
        timeout: seconds to wait for a function.
    """

    def __init__(
        self,
        endpoint_url: str | None = None,
        region: str | None = None,
        functions: dict[str, str] | None = None,
        function_prefix: str = "",
        timeout: float = 60,
    ) -> None:
        variables = os.environ
        found = (
            endpoint_url
            or variables.get("AWS_ENDPOINT_URL_LAMBDA")
            or variables.get("AWS_ENDPOINT_URL")
        )
        # Tavern hands over its own kind of strings, which botocore does not take.
        self.endpoint_url = str(found) if found else None
        region = region or variables.get("AWS_REGION") or variables.get("AWS_DEFAULT_REGION")
        self._region = str(region or "us-east-1")
        self._functions = functions or {}
        self._prefix = function_prefix
        self._timeout = timeout
        self._clients: dict[Any, Any] = {}
        self._unchecked: LambdaResult | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        for client in self._clients.values():
            client.close()
        if kind is None:
            self.fail_if_unchecked()

    def client(self, timeout: float | None) -> Any:
        """Give a Lambda client that invokes once: botocore would invoke again after a timeout."""
        seconds = timeout or self._timeout
        return self._client("lambda", seconds)

    def resolve(self, name: str) -> str:
        """Tell what a function is really called, here or in the stack ``TEST_STACK`` on AWS."""
        if name in self._functions:
            return str(self._functions[name])
        stack = os.environ.get("TEST_STACK")
        if self.endpoint_url is None and stack and not name.startswith("arn:"):
            resource = self._client("cloudformation", self._timeout).describe_stack_resource(
                StackName=stack, LogicalResourceId=name
            )
            return str(resource["StackResourceDetail"]["PhysicalResourceId"])
        return name if name.startswith("arn:") else f"{self._prefix}{name}"

    def remember(self, result: LambdaResult) -> None:
        """Keep a result until a ``lambda_response`` has checked it."""
        self._unchecked = result

    def checked(self) -> None:
        """Forget the result: the stage has looked at it."""
        self._unchecked = None

    def fail_if_unchecked(self) -> None:
        """Fail for a function error in a stage without ``lambda_response``.

        Tavern verifies nothing in such a stage, so that the error would go unnoticed.
        """
        result, self._unchecked = self._unchecked, None
        if result is not None and result.function_error:
            raise exceptions.TestFailError(
                f"'{result.function}' failed in a stage without lambda_response:\n"
                f"{result.describe()}"
            )

    def _client(self, service: str, seconds: float) -> Any:
        if self.endpoint_url is None and not os.environ.get("TEST_HOST"):
            raise exceptions.MissingSettingsError(
                "no Lambda endpoint: name the application by emulator_template in pytest.ini, or"
                " set AWS_ENDPOINT_URL; for a real AWS account, set TEST_HOST"
            )
        key = (service, seconds)
        if key not in self._clients:
            self._clients[key] = boto3.client(
                service,
                endpoint_url=self.endpoint_url,
                region_name=self._region,
                config=Config(
                    retries={"total_max_attempts": 1},
                    connect_timeout=_CONNECT_SECONDS,
                    read_timeout=seconds,
                ),
            )
        return self._clients[key]
