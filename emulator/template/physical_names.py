"""What ``Ref`` and ``Fn::GetAtt`` give for each type of resource: local physical IDs and ARNs.

On AWS a resource without a name of its own gets a random one; here it gets its logical ID, so that
people and tests can know it: ``emulator invoke Expire``.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
Resources that the emulator does not run have names, too, for the environment variables that
mention them; of those, every attribute exists.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from emulator.arns import TEMPLATE_STREAM_LABEL

if TYPE_CHECKING:
    from collections.abc import Mapping

_ARN = "arn:{partition}:{service}:{region}:{account_id}:"


@dataclass(frozen=True, slots=True, kw_only=True)
class PhysicalNames:
    """How resources of a type are called.

    The texts have placeholders: ``name``, ``logical_id``, ``id`` (ten letters and digits),
    ``fifo`` (the suffix of FIFO queues and topics), ``partition``, ``region``, ``account_id`` and
    the type's own properties.

    Args:
        name_property: the property that gives the name.
        default_name: the name without that property.
        ref: what ``Ref`` gives.
        attributes: what ``Fn::GetAtt`` gives.
        any_attribute: any other attribute exists as well.
    """

    name_property: str | None = None
    default_name: str = "{logical_id}"
    ref: str = "{name}"
    attributes: Mapping[str, str] = field(default_factory=dict)
    any_attribute: bool = False


def _named(name_property: str, service: str, resource: str, **attributes: str) -> PhysicalNames:
    """Describe a type whose ``Ref`` is its name and whose ``Arn`` ends with it."""
    arn = _ARN.replace("{service}", service) + resource
    return PhysicalNames(name_property=name_property, attributes={"Arn": arn, **attributes})


_FUNCTION = _ARN.replace("{service}", "lambda") + "function:"
_IAM = "arn:{partition}:iam::{account_id}:"
_TABLE_STREAM = (
    "arn:{partition}:dynamodb:{region}:{account_id}:table/{name}/stream/" + TEMPLATE_STREAM_LABEL
)
_S3 = "{name}.s3"

NAMES: Mapping[str, PhysicalNames] = {
    "AWS::Lambda::Function": PhysicalNames(
        name_property="FunctionName",
        attributes={"Arn": _FUNCTION + "{name}"},
    ),
    "AWS::Lambda::Version": PhysicalNames(
        ref=_FUNCTION + "{FunctionName}:{version}",
        attributes={
            "Version": "{version}",
            "FunctionArn": _FUNCTION + "{FunctionName}:{version}",
        },
    ),
    "AWS::Lambda::Alias": PhysicalNames(
        ref=_FUNCTION + "{FunctionName}:{Name}",
        attributes={"AliasArn": _FUNCTION + "{FunctionName}:{Name}"},
    ),
    "AWS::Lambda::Url": PhysicalNames(
        ref=_FUNCTION + "{TargetFunctionArn}",
        attributes={
            "FunctionArn": _FUNCTION + "{TargetFunctionArn}",
            "FunctionUrl": "https://{id}.lambda-url.{region}.on.aws/",
        },
    ),
    "AWS::Lambda::LayerVersion": PhysicalNames(
        name_property="LayerName",
        ref="arn:{partition}:lambda:{region}:{account_id}:layer:{name}:1",
        attributes={
            "LayerVersionArn": "arn:{partition}:lambda:{region}:{account_id}:layer:{name}:1",
            "Arn": "arn:{partition}:lambda:{region}:{account_id}:layer:{name}:1",
        },
    ),
    "AWS::Lambda::EventSourceMapping": PhysicalNames(
        ref="{id}", attributes={"Id": "{id}"}, any_attribute=True
    ),
    "AWS::S3::Bucket": PhysicalNames(
        name_property="BucketName",
        default_name="{bucket_name}",
        attributes={
            "Arn": "arn:{partition}:s3:::{name}",
            "DomainName": _S3 + ".amazonaws.com",
            "DualStackDomainName": _S3 + ".dualstack.{region}.amazonaws.com",
            "RegionalDomainName": _S3 + ".{region}.amazonaws.com",
            "WebsiteURL": "http://{name}.s3-website-{region}.amazonaws.com",
        },
    ),
    "AWS::DynamoDB::Table": _named(
        "TableName", "dynamodb", "table/{name}", StreamArn=_TABLE_STREAM
    ),
    "AWS::DynamoDB::GlobalTable": _named(
        "TableName", "dynamodb", "table/{name}", StreamArn=_TABLE_STREAM, TableId="{id}"
    ),
    "AWS::ApiGateway::RestApi": PhysicalNames(
        ref="{id}", attributes={"RestApiId": "{id}", "RootResourceId": "{id}"}
    ),
    "AWS::ApiGateway::Resource": PhysicalNames(ref="{id}", attributes={"ResourceId": "{id}"}),
    "AWS::ApiGateway::Deployment": PhysicalNames(ref="{id}", attributes={"DeploymentId": "{id}"}),
    "AWS::ApiGateway::Stage": PhysicalNames(name_property="StageName"),
    "AWS::ApiGateway::UsagePlan": PhysicalNames(ref="{id}", attributes={"Id": "{id}"}),
    "AWS::ApiGateway::ApiKey": PhysicalNames(ref="{id}", attributes={"APIKeyId": "{id}"}),
    "AWS::Events::Rule": _named("Name", "events", "rule/{name}"),
    "AWS::Scheduler::Schedule": _named("Name", "scheduler", "schedule/default/{name}"),
    "AWS::IAM::Role": PhysicalNames(
        name_property="RoleName", attributes={"Arn": _IAM + "role/{name}", "RoleId": "AROA{id}"}
    ),
    "AWS::Logs::LogGroup": PhysicalNames(
        name_property="LogGroupName",
        attributes={
            "Arn": "arn:{partition}:logs:{region}:{account_id}:log-group:{name}:*",
        },
    ),
    "AWS::SQS::Queue": PhysicalNames(
        name_property="QueueName",
        default_name="{logical_id}{fifo}",
        ref="https://sqs.{region}.amazonaws.com/{account_id}/{name}",
        attributes={
            "Arn": "arn:{partition}:sqs:{region}:{account_id}:{name}",
            "QueueName": "{name}",
            "QueueUrl": "https://sqs.{region}.amazonaws.com/{account_id}/{name}",
        },
    ),
    "AWS::SNS::Topic": PhysicalNames(
        name_property="TopicName",
        default_name="{logical_id}{fifo}",
        ref="arn:{partition}:sns:{region}:{account_id}:{name}",
        attributes={
            "TopicArn": "arn:{partition}:sns:{region}:{account_id}:{name}",
            "TopicName": "{name}",
        },
    ),
    "AWS::StepFunctions::StateMachine": PhysicalNames(
        name_property="StateMachineName",
        ref="arn:{partition}:states:{region}:{account_id}:stateMachine:{name}",
        attributes={
            "Arn": "arn:{partition}:states:{region}:{account_id}:stateMachine:{name}",
            "Name": "{name}",
        },
        any_attribute=True,
    ),
    "AWS::SecretsManager::Secret": PhysicalNames(
        name_property="Name",
        ref="arn:{partition}:secretsmanager:{region}:{account_id}:secret:{name}",
        attributes={"Id": "arn:{partition}:secretsmanager:{region}:{account_id}:secret:{name}"},
    ),
    "AWS::SSM::Parameter": PhysicalNames(
        name_property="Name", attributes={"Type": "{Type}", "Value": "{Value}"}
    ),
    "AWS::Events::EventBus": PhysicalNames(
        name_property="Name",
        attributes={
            "Arn": "arn:{partition}:events:{region}:{account_id}:event-bus/{name}",
            "Name": "{name}",
        },
    ),
    "AWS::Kinesis::Stream": _named("Name", "kinesis", "stream/{name}"),
    "AWS::KMS::Key": PhysicalNames(
        ref="{id}",
        attributes={
            "Arn": "arn:{partition}:kms:{region}:{account_id}:key/{id}",
            "KeyId": "{id}",
        },
    ),
}


def unknown_type(resource_type: str) -> PhysicalNames:
    """Describe a type that is not in the table, as most types are."""
    service = resource_type.split("::")[1].lower() if resource_type.count("::") > 1 else "custom"
    return PhysicalNames(
        attributes={"Arn": _ARN.replace("{service}", service) + "{name}"}, any_attribute=True
    )
