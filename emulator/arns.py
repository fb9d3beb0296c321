"""Amazon Resource Names, built and taken apart.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

from dataclasses import dataclass

from emulator.errors import ServiceError


@dataclass(frozen=True, slots=True, kw_only=True)
class Arn:
    """``arn:partition:service:region:account-id:resource``; ``resource`` keeps its own colons."""

    partition: str = "aws"
    service: str
    region: str
    account_id: str
    resource: str

    def __str__(self) -> str:
        account = f"{self.region}:{self.account_id}"
        return f"arn:{self.partition}:{self.service}:{account}:{self.resource}"


def parse_arn(text: str) -> Arn:
    """Take an ARN apart.

    Raises:
        ServiceError: ``InvalidArgument``, in the words of S3, when the text is not an ARN.
    """
    parts = text.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn" or not parts[5]:  # noqa: PLR2004 -- six fields
        raise ServiceError("InvalidArgument", "The ARN could not be parsed")
    _, partition, service, region, account_id, resource = parts
    return Arn(
        partition=partition,
        service=service,
        region=region,
        account_id=account_id,
        resource=resource,
    )


def function_arn(region: str, account_id: str, name: str) -> str:
    """Name a Lambda function."""
    return str(
        Arn(service="lambda", region=region, account_id=account_id, resource=f"function:{name}")
    )


def rule_arn(region: str, account_id: str, name: str) -> str:
    """Name an EventBridge rule on the default event bus."""
    return str(Arn(service="events", region=region, account_id=account_id, resource=f"rule/{name}"))


def bucket_arn(name: str) -> str:
    """Name an S3 bucket; bucket ARNs bear neither region nor account."""
    return str(Arn(service="s3", region="", account_id="", resource=name))


# The label of a stream is the time at which it was made. That of a template's table is made once
# and for all, so that the template can say it before the table is there.
TEMPLATE_STREAM_LABEL = "2024-01-01T00:00:00.000"


def table_arn(region: str, account_id: str, name: str) -> str:
    """Name a DynamoDB table."""
    return str(
        Arn(service="dynamodb", region=region, account_id=account_id, resource=f"table/{name}")
    )
