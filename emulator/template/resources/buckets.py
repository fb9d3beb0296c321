"""S3 buckets with CORS and event notifications.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING

from emulator.application import (
    Bucket,
    BucketNotification,
    CorsRule,
    ObjectLock,
    PublicAccessBlock,
)
from emulator.template.resources.function_names import arn_function_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.template.resources.created import CreatedResources, Resource
    from emulator.template.resources.notes import Notes
    from emulator.template.resources.properties import Properties

_NAME = re.compile(r"(?!\d+\.\d+\.\d+\.\d+$)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_DESTINATIONS = {
    "LambdaConfigurations": "Function",
    "QueueConfigurations": "Queue",
    "TopicConfigurations": "Topic",
}
_CORS_METHODS = ("GET", "PUT", "POST", "DELETE", "HEAD")


def read_buckets(
    resources: CreatedResources, functions: frozenset[str], notes: Notes
) -> tuple[Bucket, ...]:
    """Make the buckets of a template.

    Args:
        resources: of the template.
        functions: the names of its functions.
        notes: gets what is not supported.

    Raises:
        TemplateError: S3 would refuse a property.
    """
    policies = {
        policy.properties.text("Bucket"): policy.properties
        for policy in resources.of_type("AWS::S3::BucketPolicy")
    }
    return tuple(
        _bucket(resource, functions, notes, policies.get(resource.name))
        for resource in resources.of_type("AWS::S3::Bucket")
    )


def _bucket(
    resource: Resource, functions: frozenset[str], notes: Notes, policy: Properties | None
) -> Bucket:
    properties = resource.properties
    if not _NAME.fullmatch(resource.name):
        problem = f"Bucket name {resource.name} is not valid"
        raise properties.error(
            problem, "BucketName", "3 to 63 lower-case letters, digits, dots and hyphens"
        )
    notification = properties.mapping("NotificationConfiguration")
    return Bucket(
        logical_id=resource.logical_id,
        name=resource.name,
        cors_rules=tuple(
            map(_cors_rule, properties.mapping("CorsConfiguration").mappings("CorsRules"))
        ),
        notifications=tuple(_notifications(notification, functions, notes)),
        public_access_block=_public_access_block(properties),
        object_ownership=_object_ownership(properties),
        access_control=properties.optional_text("AccessControl"),
        policy=json.dumps(policy.raw("PolicyDocument")) if policy is not None else None,
        # A bucket with object lock keeps versions, whether its template says so or not.
        versioning=properties.mapping("VersioningConfiguration").text("Status") == "Enabled"
        or _object_lock(properties) is not None,
        object_lock=_object_lock(properties),
        event_bridge="EventBridgeConfiguration" in notification
        and notification.mapping("EventBridgeConfiguration").boolean(
            "EventBridgeEnabled", default=True
        ),
    )


def _cors_rule(rule: Properties) -> CorsRule:
    methods = rule.texts("AllowedMethods")
    for method in methods:
        if method not in _CORS_METHODS:
            raise rule.error(
                "Found unsupported HTTP method in CORS config. Unsupported method is " + method,
                "AllowedMethods",
            )
    origins = rule.texts("AllowedOrigins")
    if not methods or not origins:
        raise rule.error("a CORS rule needs AllowedMethods and AllowedOrigins")
    return CorsRule(
        allowed_methods=methods,
        allowed_origins=origins,
        allowed_headers=rule.texts("AllowedHeaders"),
        expose_headers=rule.texts("ExposedHeaders"),
        max_age_seconds=rule.optional_integer("MaxAge"),
        rule_id=rule.optional_text("Id"),
    )


def _notifications(
    notification: Properties, functions: frozenset[str], notes: Notes
) -> Iterator[BucketNotification]:
    for kind, member in _DESTINATIONS.items():
        for configuration in notification.mappings(kind):
            arn = configuration.required_text(member)
            if member == "Function" and arn_function_name(arn) not in functions:
                notes.unsupported(configuration, "Function", f"{arn} does not run here")
                continue
            event = configuration.required_text("Event")
            prefix, suffix = _filter(configuration)
            # AWS makes a random one; ours stays the same from start to start.
            seed = repr((arn, event, prefix, suffix)).encode()
            yield BucketNotification(
                configuration_id=hashlib.sha256(seed).hexdigest()[:32],
                events=(event,),
                target_arn=arn,
                prefix=prefix,
                suffix=suffix,
            )


def _filter(configuration: Properties) -> tuple[str, str]:
    values = {"prefix": "", "suffix": ""}
    for rule in configuration.mapping("Filter").mapping("S3Key").mappings("Rules"):
        name = rule.required_text("Name").lower()
        if name not in values:
            raise rule.error("filter rule name must be either prefix or suffix", "Name")
        values[name] = rule.text("Value")
    return values["prefix"], values["suffix"]


def _object_lock(properties: Properties) -> ObjectLock | None:
    configuration = properties.mapping("ObjectLockConfiguration")
    enabled = configuration.text("ObjectLockEnabled") == "Enabled"
    if not enabled and not properties.boolean("ObjectLockEnabled"):
        return None
    default = configuration.mapping("Rule").mapping("DefaultRetention")
    return ObjectLock(
        mode=default.optional_text("Mode"),
        days=default.optional_integer("Days"),
        years=default.optional_integer("Years"),
    )


def _object_ownership(properties: Properties) -> str | None:
    rules = properties.mapping("OwnershipControls").mappings("Rules")
    return next((rule.required_text("ObjectOwnership") for rule in rules), None)


def _public_access_block(properties: Properties) -> PublicAccessBlock:
    if "PublicAccessBlockConfiguration" not in properties:
        return PublicAccessBlock()
    block = properties.mapping("PublicAccessBlockConfiguration")
    return PublicAccessBlock(
        block_public_acls=block.boolean("BlockPublicAcls"),
        ignore_public_acls=block.boolean("IgnorePublicAcls"),
        block_public_policy=block.boolean("BlockPublicPolicy"),
        restrict_public_buckets=block.boolean("RestrictPublicBuckets"),
    )
