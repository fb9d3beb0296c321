"""What Tavern loads for its backend ``lambda``: entry point ``lambda`` of ``tavern_lambda``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from tavern._core.dict_util import format_keys

from tavern_lambda.request import LambdaRequest
from tavern_lambda.response import LambdaResponse
from tavern_lambda.session import LambdaSession


class LambdaPlugin:
    """The protocol's parts, under the names that Tavern asks for."""

    session_type = LambdaSession
    request_type = LambdaRequest
    request_block_name = "lambda_request"
    verifier_type = LambdaResponse
    response_block_name = "lambda_response"
    has_multiple_responses = False
    schema = yaml.safe_load((Path(__file__).parent / "schema.yaml").read_text())

    @staticmethod
    def get_expected_from_request(
        response_block: dict[str, Any] | None, test_block_config: Any, session: LambdaSession
    ) -> dict[str, Any]:
        """Fill the variables in."""
        del session
        # Never empty: Tavern would hand the verifier None instead.
        return {"_": True, **format_keys(response_block or {}, test_block_config.variables)}
