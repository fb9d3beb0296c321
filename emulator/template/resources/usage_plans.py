"""Usage plans: throttle and quota for the holders of API keys.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-usageplan.html
Left out are throttles of single methods.
A key whose value the template tells is taken where a plan has it; for keys whose value AWS makes
up, there is the emulator's own, which every plan takes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.application import UsagePlan

if TYPE_CHECKING:
    from emulator.template.resources.created import CreatedResources, Resource


def read_usage_plans(resources: CreatedResources) -> tuple[UsagePlan, ...]:
    """Make the usage plans of a template."""
    apis = {
        resource.physical_id: resource.logical_id
        for resource in resources.of_type("AWS::ApiGateway::RestApi")
    }
    keys = _keys(resources)
    return tuple(
        _usage_plan(resource, apis, keys.get(resource.physical_id, ()))
        for resource in resources.of_type("AWS::ApiGateway::UsagePlan")
    )


def _keys(resources: CreatedResources) -> dict[str, tuple[str, ...]]:
    """Find the values of the enabled keys of each plan, by the ID of the plan."""
    values = {
        resource.physical_id: resource.properties.text("Value")
        for resource in resources.of_type("AWS::ApiGateway::ApiKey")
        if resource.properties.boolean("Enabled") and "Value" in resource.properties
    }
    keys: dict[str, tuple[str, ...]] = {}
    for resource in resources.of_type("AWS::ApiGateway::UsagePlanKey"):
        plan = resource.properties.required_text("UsagePlanId")
        value = values.get(resource.properties.required_text("KeyId"))
        if value is not None:
            keys[plan] = (*keys.get(plan, ()), value)
    return keys


def _usage_plan(resource: Resource, apis: dict[str, str], api_keys: tuple[str, ...]) -> UsagePlan:
    properties = resource.properties
    quota = properties.mapping("Quota")
    throttle = properties.mapping("Throttle")
    stages = [stage.text("ApiId") for stage in properties.mappings("ApiStages")]
    return UsagePlan(
        logical_id=resource.logical_id,
        name=properties.text("UsagePlanName", resource.logical_id),
        quota_limit=quota.optional_integer("Limit"),
        quota_period=quota.optional_text("Period"),
        burst_limit=throttle.optional_integer("BurstLimit"),
        rate_limit=throttle.optional_number("RateLimit"),
        api_logical_ids=tuple(apis[stage] for stage in stages if stage in apis),
        api_keys=api_keys,
    )
