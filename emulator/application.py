"""A serverless application, as its template says: what exists and what is wired to what.

The template is parsed once into a frozen ``Application``; everything else of the emulator reads it.
Names and meanings are those of AWS SAM and CloudFormation.
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from emulator.other_services import OtherServices

if TYPE_CHECKING:
    from datetime import timedelta
    from pathlib import Path

Pairs = tuple[tuple[str, str], ...]


# --- Lambda ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class EventInvokeConfig:
    """What happens to an asynchronous invocation that fails.

    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-configuring.html

    Args:
        qualifier: the alias or version whose invocations it is for.
    """

    qualifier: str = "$LATEST"
    maximum_retry_attempts: int = 2
    maximum_event_age: timedelta | None = None
    on_success_arn: str | None = None
    on_failure_arn: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggingConfig:
    """Format and levels of a function's log."""

    log_format: Literal["Text", "JSON"] = "Text"
    application_log_level: str | None = None
    system_log_level: str | None = None
    log_group: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CorsConfiguration:
    """CORS of a function URL or HTTP API."""

    allow_origins: tuple[str, ...] = ()
    allow_methods: tuple[str, ...] = ()
    allow_headers: tuple[str, ...] = ()
    expose_headers: tuple[str, ...] = ()
    allow_credentials: bool = False
    max_age_seconds: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionUrl:
    """``FunctionUrlConfig`` of a function.

    Args:
        url_id: first label of the host name.
        qualifier: the alias that it invokes; ``None`` for the function itself.
    """

    url_id: str = ""
    qualifier: str | None = None
    invoke_mode: str = "BUFFERED"
    auth_type: str = "NONE"
    cors: CorsConfiguration | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionVersion:
    """A published version of a function; here it runs the same code as ``$LATEST``."""

    number: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """A name for a version of a function."""

    name: str
    version: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """One Lambda function.

    Args:
        name: what the Invoke API calls it: ``FunctionName``, else the logical ID.
        code_root: folder, or archive of one, that becomes ``/var/task``; ``None`` for inline code.
        build_folder: where ``sam build`` would put the function, whether it has or not.
        inline_code: source of ``index.py`` or ``index.js``, from ``InlineCode`` or ``ZipFile``.
        environment: the template's variables only, values as strings.
        layers: folders, or archives of them, that become ``/opt``, first one lowest.
        cannot_run: why it cannot be run at all, a container image for example; empty if it can.
    """

    logical_id: str
    name: str
    handler: str
    runtime: str
    code_root: Path | None
    build_folder: Path | None = None
    cannot_run: str = ""
    inline_code: str | None = None
    environment: Pairs = ()
    timeout_seconds: int = 3
    memory_size_mb: int = 128
    description: str = ""
    role_arn: str = ""
    architectures: tuple[str, ...] = ("x86_64",)
    layers: tuple[Path, ...] = ()
    reserved_concurrency: int | None = None
    event_invoke: tuple[EventInvokeConfig, ...] = ()
    dead_letter_target_arn: str | None = None
    logging: LoggingConfig = field(default_factory=LoggingConfig)
    versions: tuple[FunctionVersion, ...] = ()
    aliases: tuple[Alias, ...] = ()
    urls: tuple[FunctionUrl, ...] = ()
    ephemeral_storage_mb: int = 512
    tracing_active: bool = False
    tags: Pairs = ()


# --- API Gateway ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class LambdaProxyIntegration:
    """``aws_proxy``: the request as an event, the result as the response."""

    function_name: str
    qualifier: str | None = None
    timeout_milliseconds: int = 29_000


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegrationResponse:
    """One entry of ``responses`` of an integration.

    Args:
        selection_pattern: regular expression on the integration's status (mock) or error message
            (Lambda); ``default`` takes what no other pattern takes.
        response_parameters: ``method.response.header.NAME`` and its source or quoted constant.
        response_templates: media type and VTL template.
    """

    selection_pattern: str
    status_code: int
    response_parameters: Pairs = ()
    response_templates: Pairs = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MockIntegration:
    """``mock``: answered by API Gateway itself."""

    request_templates: Pairs = ()
    responses: tuple[IntegrationResponse, ...] = ()
    passthrough_behavior: str = "when_no_match"


Integration = LambdaProxyIntegration | MockIntegration


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A method of a resource.

    Args:
        http_method: ``GET`` …, or ``ANY``.
        resource_path: as in the definition, for example ``/file/{id}`` or ``/{proxy+}``.
    """

    http_method: str
    resource_path: str
    integration: Integration
    api_key_required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayResponse:
    """A customised error of the gateway.

    Args:
        response_type: ``DEFAULT_4XX``, ``MISSING_AUTHENTICATION_TOKEN`` …
        headers: header name and quoted constant or mapping expression.
        templates: media type and template.
    """

    response_type: str
    status_code: int | None = None
    headers: Pairs = ()
    templates: Pairs = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RestApi:
    """An API Gateway REST API with its one stage."""

    logical_id: str
    name: str
    api_id: str
    stage_name: str
    routes: tuple[Route, ...]
    stage_variables: Pairs = ()
    binary_media_types: tuple[str, ...] = ()
    gateway_responses: tuple[GatewayResponse, ...] = ()
    definition_file: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UsagePlan:
    """Throttle and quota for the holders of an API key.

    Args:
        api_keys: values of the template's keys that belong to the plan.
    """

    logical_id: str
    name: str
    quota_limit: int | None = None
    quota_period: str | None = None
    burst_limit: int | None = None
    rate_limit: float | None = None
    api_logical_ids: tuple[str, ...] = ()
    api_keys: tuple[str, ...] = ()


# --- S3 -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CorsRule:
    """One rule of a bucket's CORS configuration."""

    allowed_methods: tuple[str, ...]
    allowed_origins: tuple[str, ...]
    allowed_headers: tuple[str, ...] = ()
    expose_headers: tuple[str, ...] = ()
    max_age_seconds: int | None = None
    rule_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketNotification:
    """Who hears of what happens in a bucket.

    Args:
        configuration_id: ``configurationId`` of the record.
        events: for example ``("s3:ObjectCreated:*",)``.
        target_arn: of a function, queue or topic.
    """

    configuration_id: str
    events: tuple[str, ...]
    target_arn: str
    prefix: str = ""
    suffix: str = ""

    @property
    def function_name(self) -> str | None:
        """Tell which function it is; ``None`` if it is none."""
        service, resource = [*self.target_arn.split(":", 5)[2:6:3], "", ""][:2]
        return resource.split(":")[1] if service == "lambda" else None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicAccessBlock:
    """Which public grants a bucket refuses; new buckets refuse them all."""

    block_public_acls: bool = True
    ignore_public_acls: bool = True
    block_public_policy: bool = True
    restrict_public_buckets: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectLock:
    """What a bucket with object lock gives its new versions: nothing, or a retention."""

    mode: str | None = None
    days: int | None = None
    years: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """An S3 bucket.

    Args:
        object_ownership: of ``OwnershipControls``; ``None`` is ``BucketOwnerEnforced``.
        access_control: a canned list as CloudFormation writes it: ``PublicRead``.
        policy: of ``AWS::S3::BucketPolicy``, JSON.
    """

    logical_id: str
    name: str
    cors_rules: tuple[CorsRule, ...] = ()
    notifications: tuple[BucketNotification, ...] = ()
    public_access_block: PublicAccessBlock = field(default_factory=PublicAccessBlock)
    object_ownership: str | None = None
    access_control: str | None = None
    policy: str | None = None
    versioning: bool = False
    object_lock: ObjectLock | None = None
    event_bridge: bool = False


# --- DynamoDB -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySchema:
    """Partition key and sort key of a table or an index.

    Args:
        more_partition_keys: further attributes of it, which only a global index may have.
        more_sort_keys: the same.
    """

    partition_key: str
    sort_key: str | None = None
    more_partition_keys: tuple[str, ...] = ()
    more_sort_keys: tuple[str, ...] = ()

    @property
    def partition_keys(self) -> tuple[str, ...]:
        """The attributes of the partition key."""
        return (self.partition_key, *self.more_partition_keys)

    @property
    def sort_keys(self) -> tuple[str, ...]:
        """The attributes of the sort key."""
        return () if self.sort_key is None else (self.sort_key, *self.more_sort_keys)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondaryIndex:
    """A global or local secondary index."""

    name: str
    key_schema: KeySchema
    projection_type: Literal["ALL", "KEYS_ONLY", "INCLUDE"] = "ALL"
    non_key_attributes: tuple[str, ...] = ()
    read_capacity_units: int = 0
    write_capacity_units: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A DynamoDB table.

    Args:
        attributes: name and type (``S``, ``N``, ``B``) of every key attribute.
        stream_view_type: ``NEW_IMAGE`` …, ``None`` without a stream.
        ttl_attribute: name of the number attribute that holds the expiry, epoch seconds.
    """

    logical_id: str
    name: str
    attributes: Pairs
    key_schema: KeySchema
    global_indexes: tuple[SecondaryIndex, ...] = ()
    local_indexes: tuple[SecondaryIndex, ...] = ()
    billing_mode: Literal["PAY_PER_REQUEST", "PROVISIONED"] = "PAY_PER_REQUEST"
    read_capacity_units: int = 0
    write_capacity_units: int = 0
    stream_view_type: str | None = None
    ttl_attribute: str | None = None
    deletion_protection: bool = False
    tags: Pairs = ()


# --- EventBridge ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A rule that invokes a function by the clock.

    Args:
        name: of the rule.
        expression: ``rate(…)`` or ``cron(…)``, valid.
        input: the payload, JSON, instead of the event; ``None`` for the event.
    """

    name: str
    function_name: str
    qualifier: str | None = None
    expression: str
    input: str | None = None
    enabled: bool = True


# --- the whole ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """An output of the template, resolved to local values."""

    name: str
    value: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportNote:
    """A part of the template that does not do here what it does on AWS.

    Args:
        place: logical ID and property, for example ``FilesTable.SSESpecification``.
        level: ``ignored`` makes no difference to the application; ``unsupported`` may.
        reason: one line for the user.
    """

    place: str
    level: Literal["ignored", "unsupported"]
    reason: str
    file: Path | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """Everything that a template deploys."""

    template: Path
    parameters: Pairs = ()
    functions: tuple[Function, ...] = ()
    rest_apis: tuple[RestApi, ...] = ()
    usage_plans: tuple[UsagePlan, ...] = ()
    buckets: tuple[Bucket, ...] = ()
    tables: tuple[Table, ...] = ()
    schedules: tuple[Schedule, ...] = ()
    other_services: OtherServices = field(default_factory=OtherServices)
    outputs: tuple[Output, ...] = ()
    support_notes: tuple[SupportNote, ...] = ()
    watched_files: tuple[Path, ...] = ()
