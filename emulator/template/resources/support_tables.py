"""Tables: what becomes of each resource type and each property.

Everything that is not in them is noted as unsupported.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_MANAGED = "AWS's own business, with no trace in the application"
_COSTS = "it decides costs and capacity only"
_LOGS = "there are no logs of API Gateway here"
_TAGS = "nothing here looks at tags"
_PERMISSIONS = "permissions are not checked here"
_ONE_REGION = "there is one region here"
_NO_NETWORK = "there is no VPC here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """What becomes of the properties of a type.

    Args:
        emulated: they do here what they do on AWS, or the reader notes what they do not.
        ignored: they make no difference to the application; with reasons.
        unsupported: they do; with reasons.
    """

    emulated: frozenset[str]
    ignored: Mapping[str, str] = field(default_factory=dict)
    unsupported: Mapping[str, str] = field(default_factory=dict)


SUPPORT: Mapping[str, Support] = {
    "AWS::Lambda::Function": Support(
        emulated=frozenset(
            (
                *("Architectures", "Code", "DeadLetterConfig", "Description", "Environment"),
                *("EphemeralStorage", "FunctionName", "Handler", "Layers", "LoggingConfig"),
                *("MemorySize", "PackageType", "ReservedConcurrentExecutions", "Role"),
                *("Runtime", "Tags", "Timeout", "TracingConfig"),
            )
        ),
        ignored={
            "CodeSigningConfigArn": _MANAGED,
            "KmsKeyArn": _MANAGED,
            "RecursiveLoop": "loops are not broken here",
            "RuntimeManagementConfig": _MANAGED,
            "SnapStart": "it decides how fast an environment starts only",
        },
        unsupported={
            "FileSystemConfigs": "there is no EFS here",
            "ImageConfig": "container images are not run",
            "VpcConfig": _NO_NETWORK,
        },
    ),
    "AWS::Lambda::Alias": Support(
        emulated=frozenset(("Description", "FunctionName", "FunctionVersion", "Name")),
        ignored={"ProvisionedConcurrencyConfig": "environments are always started when needed"},
        unsupported={"RoutingConfig": "an alias has one version here"},
    ),
    "AWS::Lambda::Version": Support(
        emulated=frozenset(("CodeSha256", "Description", "FunctionName")),
        ignored={"ProvisionedConcurrencyConfig": "environments are always started when needed"},
    ),
    "AWS::Lambda::EventInvokeConfig": Support(
        emulated=frozenset(
            (
                *("DestinationConfig", "FunctionName", "MaximumEventAgeInSeconds"),
                *("MaximumRetryAttempts", "Qualifier"),
            )
        )
    ),
    "AWS::Lambda::Url": Support(
        emulated=frozenset(("AuthType", "Cors", "InvokeMode", "Qualifier", "TargetFunctionArn"))
    ),
    "AWS::Lambda::LayerVersion": Support(
        emulated=frozenset(
            (
                *("CompatibleArchitectures", "CompatibleRuntimes", "Content", "Description"),
                *("LayerName", "LicenseInfo"),
            )
        )
    ),
    "AWS::ApiGateway::RestApi": Support(
        emulated=frozenset(
            ("BinaryMediaTypes", "Body", "BodyS3Location", "Description", "Name", "Parameters")
        ),
        ignored={
            "DisableExecuteApiEndpoint": "the local URL is the only one",
            "EndpointConfiguration": "there is one endpoint, on this machine",
            "FailOnWarnings": "the definition is read as it is",
            "Mode": "the definition is read as it is",
            "Tags": _TAGS,
        },
        unsupported={
            "ApiKeySourceType": "API keys are read from the header only",
            "CloneFrom": "there is no other API",
            "MinimumCompressionSize": "responses are not compressed",
            "Policy": "resource policies are not evaluated",
        },
    ),
    "AWS::ApiGateway::Stage": Support(
        emulated=frozenset(("DeploymentId", "Description", "RestApiId", "StageName", "Variables")),
        ignored={
            "AccessLogSetting": _LOGS,
            "DocumentationVersion": _MANAGED,
            "Tags": _TAGS,
            "TracingEnabled": "there is no X-Ray here",
        },
        unsupported={
            "CacheClusterEnabled": "responses are not cached",
            "CacheClusterSize": "responses are not cached",
            "CanarySetting": "a stage has one deployment here",
            "ClientCertificateId": "there is no back end to show it to",
            "MethodSettings": "throttles, caches and logs of methods are not set",
        },
    ),
    "AWS::ApiGateway::Deployment": Support(
        emulated=frozenset(("Description", "RestApiId", "StageDescription", "StageName")),
        unsupported={"DeploymentCanarySettings": "a stage has one deployment here"},
    ),
    "AWS::ApiGateway::Resource": Support(emulated=frozenset(("ParentId", "PathPart", "RestApiId"))),
    "AWS::ApiGateway::Method": Support(
        emulated=frozenset(
            (
                *("ApiKeyRequired", "AuthorizationType", "HttpMethod", "Integration"),
                *("OperationName", "ResourceId", "RestApiId"),
            )
        ),
        ignored={"MethodResponses": "the integration's responses say what is sent"},
        unsupported={
            "AuthorizationScopes": "authorizers are not run",
            "AuthorizerId": "authorizers are not run",
            "RequestModels": "requests are not validated",
            "RequestParameters": "requests are not validated",
            "RequestValidatorId": "requests are not validated",
        },
    ),
    "AWS::ApiGateway::GatewayResponse": Support(
        emulated=frozenset(
            ("ResponseParameters", "ResponseTemplates", "ResponseType", "RestApiId", "StatusCode")
        )
    ),
    "AWS::ApiGateway::ApiKey": Support(
        emulated=frozenset(("Description", "Enabled", "Name", "Value")),
        ignored={
            "CustomerId": _MANAGED,
            "GenerateDistinctId": _MANAGED,
            "StageKeys": "usage plans tell where a key is taken",
            "Tags": _TAGS,
        },
    ),
    "AWS::ApiGateway::UsagePlanKey": Support(
        emulated=frozenset(("KeyId", "KeyType", "UsagePlanId"))
    ),
    "AWS::ApiGateway::UsagePlan": Support(
        emulated=frozenset(("ApiStages", "Description", "UsagePlanName")),
        ignored={
            "Quota": "calls are not counted here, so that tests can make as many as they like",
            "Tags": _TAGS,
            "Throttle": "calls are not throttled here, so that tests can be as fast as they like",
        },
    ),
    "AWS::S3::Bucket": Support(
        emulated=frozenset(
            (
                *("AccessControl", "BucketName", "CorsConfiguration"),
                *("NotificationConfiguration", "ObjectLockConfiguration", "ObjectLockEnabled"),
                "OwnershipControls",
                *("PublicAccessBlockConfiguration", "VersioningConfiguration"),
            )
        ),
        ignored={
            "AbacStatus": _TAGS,
            "AccelerateConfiguration": "it decides speed only",
            "AnalyticsConfigurations": _COSTS,
            "BucketEncryption": "objects lie on this machine as they are",
            "IntelligentTieringConfigurations": _COSTS,
            "InventoryConfigurations": _COSTS,
            "LoggingConfiguration": "there are no access logs here",
            "MetricsConfigurations": "there are no metrics here",
            "Tags": _TAGS,
        },
        unsupported={
            "LifecycleConfiguration": "objects are not expired or moved by rules",
            "ReplicationConfiguration": "objects are not replicated",
            "WebsiteConfiguration": "websites are not served",
        },
    ),
    "AWS::S3::BucketPolicy": Support(emulated=frozenset(("Bucket", "PolicyDocument"))),
    "AWS::DynamoDB::Table": Support(
        emulated=frozenset(
            (
                *("AttributeDefinitions", "BillingMode", "DeletionProtectionEnabled"),
                *("GlobalSecondaryIndexes", "KeySchema", "LocalSecondaryIndexes"),
                *("ProvisionedThroughput", "StreamSpecification", "TableName", "Tags"),
                "TimeToLiveSpecification",
            )
        ),
        ignored={
            "ContributorInsightsSpecification": "there are no metrics here",
            "OnDemandThroughput": _COSTS,
            "PointInTimeRecoverySpecification": "the data folder is the only copy",
            "SSESpecification": "items lie on this machine as they are",
            "TableClass": _COSTS,
            "WarmThroughput": _COSTS,
        },
        unsupported={
            "ImportSourceSpecification": "nothing is imported",
            "KinesisStreamSpecification": "there is no Kinesis here",
            "ResourcePolicy": "resource policies are not evaluated",
            "VectorIndexes": "vectors are not searched",
        },
    ),
    "AWS::DynamoDB::GlobalTable": Support(
        emulated=frozenset(
            (
                *("AttributeDefinitions", "BillingMode", "GlobalSecondaryIndexes", "KeySchema"),
                *("LocalSecondaryIndexes", "Replicas", "StreamSpecification", "TableName"),
                *("TimeToLiveSpecification", "WriteProvisionedThroughputSettings"),
            )
        ),
        ignored={
            "GlobalTableWitnesses": _ONE_REGION,
            "MultiRegionConsistency": _ONE_REGION,
            "ReadOnDemandThroughputSettings": _COSTS,
            "ReadProvisionedThroughputSettings": _COSTS,
            "SSESpecification": "items lie on this machine as they are",
            "WarmThroughput": _COSTS,
            "WriteOnDemandThroughputSettings": _COSTS,
        },
        unsupported={
            "GlobalTableSourceArn": _ONE_REGION,
            "VectorIndexes": "vectors are not searched",
        },
    ),
    "AWS::Events::Rule": Support(
        emulated=frozenset(
            (
                *("Description", "EventBusName", "EventPattern", "Name", "ScheduleExpression"),
                *("State", "Targets"),
            )
        ),
        ignored={"RoleArn": "nothing here looks at permissions", "Tags": _TAGS},
    ),
    "AWS::Events::EventBus": Support(
        emulated=frozenset(("Description", "Name")),
        ignored={"KmsKeyIdentifier": _MANAGED, "Policy": _PERMISSIONS, "Tags": _TAGS},
        unsupported={"EventSourceName": "there are no partners here"},
    ),
    "AWS::SNS::Subscription": Support(
        emulated=frozenset(
            (
                *("Endpoint", "FilterPolicy", "FilterPolicyScope", "Protocol"),
                *("RawMessageDelivery", "TopicArn"),
            )
        ),
        ignored={"Region": "there is one region here"},
        unsupported={
            "DeliveryPolicy": "nothing is sent by HTTP here",
            "RedrivePolicy": "what cannot be delivered is dropped with a log line",
        },
    ),
    "AWS::SNS::Topic": Support(
        emulated=frozenset(
            (
                *("ContentBasedDeduplication", "DisplayName", "FifoTopic", "SignatureVersion"),
                *("Subscription", "TopicName"),
            )
        ),
        ignored={
            "DeliveryStatusLogging": "there are no delivery logs here",
            "FifoThroughputScope": _COSTS,
            "KmsMasterKeyId": _MANAGED,
            "Tags": _TAGS,
            "TracingConfig": "there is no X-Ray here",
        },
        unsupported={
            "ArchivePolicy": "messages are not archived",
            "DataProtectionPolicy": "messages are not inspected",
        },
    ),
    "AWS::SQS::Queue": Support(
        emulated=frozenset(
            (
                *("ContentBasedDeduplication", "DeduplicationScope", "DelaySeconds", "FifoQueue"),
                *("FifoThroughputLimit", "MaximumMessageSize", "MessageRetentionPeriod"),
                *("QueueName", "ReceiveMessageWaitTimeSeconds", "RedriveAllowPolicy"),
                *("RedrivePolicy", "VisibilityTimeout"),
            )
        ),
        ignored={
            "KmsDataKeyReusePeriodSeconds": _MANAGED,
            "KmsMasterKeyId": _MANAGED,
            "SqsManagedSseEnabled": _MANAGED,
            "Tags": _TAGS,
        },
    ),
    "AWS::SSM::Parameter": Support(
        emulated=frozenset(("Description", "Name", "Type", "Value")),
        ignored={
            "AllowedPattern": "the value is the template's own",
            "DataType": "it is checked for EC2 images only",
            "Tags": _TAGS,
            "Tier": _COSTS,
        },
        unsupported={"Policies": "parameters do not expire here"},
    ),
    "AWS::SecretsManager::Secret": Support(
        emulated=frozenset(("Description", "GenerateSecretString", "Name", "SecretString")),
        ignored={
            "KmsKeyId": _MANAGED,
            "ReplicaRegions": "there is one region here",
            "Tags": _TAGS,
            "Type": _MANAGED,
        },
    ),
    "AWS::Scheduler::Schedule": Support(
        emulated=frozenset(
            (
                *("Description", "Name", "ScheduleExpression", "ScheduleExpressionTimezone"),
                *("State", "Target"),
            )
        ),
        ignored={
            "FlexibleTimeWindow": "it fires at the beginning of its window",
            "GroupName": "all schedules are in one group",
            "KmsKeyArn": _MANAGED,
        },
        unsupported={
            "EndDate": "it fires without end",
            "StartDate": "it fires from the start",
        },
    ),
}

IGNORED_TYPES: Mapping[str, str] = {
    "AWS::ApiGateway::Account": _LOGS,
    "AWS::CloudFormation::WaitConditionHandle": "it stands for nothing",
    "AWS::CloudWatch::Alarm": "there are no metrics here",
    "AWS::CloudWatch::Dashboard": "there are no metrics here",
    "AWS::IAM::ManagedPolicy": "permissions are not checked here",
    "AWS::IAM::Policy": "permissions are not checked here",
    "AWS::IAM::Role": "permissions are not checked here",
    "AWS::IAM::RolePolicy": "permissions are not checked here",
    "AWS::KMS::Alias": "nothing is encrypted here",
    "AWS::KMS::Key": "nothing is encrypted here",
    "AWS::Lambda::Permission": "permissions are not checked here",
    "AWS::Logs::LogGroup": "made when a function first logs to it; its settings are not applied",
    "AWS::SNS::TopicPolicy": _PERMISSIONS,
    "AWS::SQS::QueuePolicy": _PERMISSIONS,
    "AWS::SecretsManager::ResourcePolicy": _PERMISSIONS,
    "AWS::Events::EventBusPolicy": _PERMISSIONS,
    "AWS::Scheduler::ScheduleGroup": "all schedules are in one group",
}
UNSUPPORTED_TYPES: Mapping[str, str] = {
    "AWS::ApiGatewayV2": "HTTP and WebSocket APIs are not served yet",
    "AWS::CloudFormation::Stack": "nested stacks are not deployed",
    "AWS::Cognito": "there are no user pools here",
    "AWS::Lambda::EventSourceMapping": "event sources are not polled yet",
    "AWS::StepFunctions": "state machines are not run",
    "Custom": "custom resources are not run",
}
