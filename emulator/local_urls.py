"""The template's URLs of API Gateway, functions and SQS as they are here, on this machine."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emulator.application import Application, Pairs


def with_local_urls(
    application: Application, api_url: str, aws_url: str, region: str
) -> Application:
    """Replace AWS's URLs where the template wrote them: in environments and outputs."""
    amazon = {
        f"https://{api.api_id}.execute-api.{region}.amazonaws.com": api_url
        for api in application.rest_apis
    }
    amazon[f"https://sqs.{region}.amazonaws.com"] = aws_url
    amazon |= {
        f"https://{url.url_id}.lambda-url.{region}.on.aws": f"{aws_url}/_lambda-url/{url.url_id}"
        for function in application.functions
        for url in function.urls
    }

    def local(value: str) -> str:
        for remote, here in amazon.items():
            value = value.replace(remote, here)
        return value

    def local_pairs(pairs: Pairs) -> Pairs:
        return tuple((name, local(value)) for name, value in pairs)

    return replace(
        application,
        functions=tuple(
            replace(function, environment=local_pairs(function.environment))
            for function in application.functions
        ),
        outputs=tuple(replace(output, value=local(output.value)) for output in application.outputs),
    )
