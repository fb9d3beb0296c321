"""``lambda_response``: what an invocation must have given, and what to save of it.

A function must not fail unless the stage expects it to: ``function_error`` is ``null`` by default.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tavern._core import exceptions
from tavern._core.dict_util import check_keys_match_recursive, recurse_access_key
from tavern._core.pytest import call_hook
from tavern._core.report import attach_text, attach_yaml
from tavern.response import BaseResponse

from tavern_lambda.request import DEFAULT_STATUS, SpecificationError
from tavern_lambda.result import MISSING, LambdaResult

if TYPE_CHECKING:
    from tavern_lambda.session import LambdaSession

_ERROR_FIELDS = {"error_type": "errorType", "error_message": "errorMessage"}


class LambdaResponse(BaseResponse):  # type: ignore[misc]  # tavern has no types
    """Verifies one result."""

    def __init__(
        self,
        session: LambdaSession,
        name: str,
        expected: dict[str, Any],
        test_block_config: Any,
    ) -> None:
        super().__init__(name, expected, test_block_config)
        self._session = session
        self._result: LambdaResult | None = None

    def __str__(self) -> str:
        return self._result.describe() if self._result else "<not run yet>"

    def _adderr(self, msg: str, *args: object, e: Exception | None = None) -> None:
        """Note a problem; Tavern's own method fails on a ``%`` in the message."""
        del e
        self.errors.append(msg % args if args else msg)

    def verify(self, response: object) -> dict[str, Any]:
        """Compare, and give what is saved.

        Raises:
            TestFailError: with every difference, the payload and the log.
        """
        if not isinstance(response, LambdaResult):
            raise SpecificationError("lambda_response needs a lambda_request in its stage")
        self._result = response
        self._session.checked()
        self._report(response)
        self._check_status(response)
        self._check_function_error(response)
        if not (self.errors and response.function_error):
            # The error object is not the payload that anybody meant to compare.
            self._check_content(response)
        self._fail_on_errors(response)
        saved = self._save(response)
        self._fail_on_errors(response)
        return saved

    def _report(self, result: LambdaResult) -> None:
        call_hook(
            self.test_block_config,
            "pytest_tavern_beta_after_every_response",
            expected=self.expected,
            response=result,
        )
        attach_yaml({**result.meta(), "payload": result.payload}, name="lambda_response")
        if result.log:
            attach_text(result.log, name="lambda_log")

    def _check_status(self, result: LambdaResult) -> None:
        expected = self.expected.get("status_code", DEFAULT_STATUS[result.invocation_type])
        allowed = expected if isinstance(expected, list) else [expected]
        if not any(self._matches(status, result.status_code) for status in allowed):
            self._adderr(f"status_code: expected {expected}, got {result.status_code}")

    def _check_function_error(self, result: LambdaResult) -> None:
        asked = [name for name in _ERROR_FIELDS if name in self.expected]
        expected = self.expected.get("function_error")
        error = result.payload if isinstance(result.payload, dict) else {}
        if expected is not None:
            self._compare("function_error", expected, result.function_error)
        elif asked and result.function_error is None:
            self._adderr("the function was expected to fail, but has not")
        elif not asked and result.function_error is not None:
            reason = f"{error.get('errorType')}: {error.get('errorMessage')}"
            self._adderr(f"function_error: the function has failed with {reason}")
        for name in asked:
            self._compare(name, self.expected[name], error.get(_ERROR_FIELDS[name]))

    def _check_content(self, result: LambdaResult) -> None:
        # Tavern's strictness has no section of our own: payload and body go by the one for JSON.
        strict = self.test_block_config.strict.option_for("json")
        if "payload" in self.expected:
            self._compare("payload", self.expected["payload"], result.payload, strict)
        if "body" in self.expected and result.body is MISSING:
            self._adderr("body: the result is none of an API Gateway proxy function")
        elif "body" in self.expected:
            self._compare("body", self.expected["body"], result.body, strict)
        if "executed_version" in self.expected:
            version = self.expected["executed_version"]
            self._compare("executed_version", version, result.executed_version)
        self._check_log(result)
        self._maybe_run_validate_functions(result)

    def _check_log(self, result: LambdaResult) -> None:
        wanted = self.expected.get("log", [])
        for text in wanted if isinstance(wanted, list) else [wanted]:
            found = text.passes(result.log) if hasattr(text, "passes") else str(text) in result.log
            if not found:
                self._adderr(f"log: {text} is not in it")

    def _compare(self, name: str, expected: Any, actual: Any, strict: Any = True) -> None:
        # Not Tavern's recurse_check_key_match, which takes anything for an expected null.
        try:
            check_keys_match_recursive(expected, actual, [name], strict)
        except exceptions.KeyMismatchError as error:
            self._adderr(f"{name}: {error.args[0]}")

    @staticmethod
    def _matches(expected: Any, actual: Any) -> bool:
        try:
            check_keys_match_recursive(expected, actual, [])
        except exceptions.KeyMismatchError:
            return False
        return True

    def _save(self, result: LambdaResult) -> dict[str, Any]:
        saved = {}
        sources = {"payload": result.payload, "body": result.body, "meta": result.meta()}
        for block, queries in self.expected.get("save", {}).items():
            if block == "$ext":
                continue
            for name, query in queries.items():
                source = sources[block]
                value = None if source is MISSING else recurse_access_key(source, query)
                if value is None:
                    self._adderr(f"save: '{query}' is not in the {block} (for '{name}')")
                saved[str(name)] = value
        saved.update(self.maybe_get_save_values_from_ext(result, self.expected))
        return saved

    def _fail_on_errors(self, result: LambdaResult) -> None:
        if self.errors:
            problems = "\n".join(f"- {error}" for error in self.errors)
            raise exceptions.TestFailError(
                f"Test '{self.name}' failed:\n{problems}\n{result.describe()}",
                failures=self.errors,
            )
