"""Usage plans: throttle and quota for the holders of API keys.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-usageplan.html
Left out are throttles of single methods; there is one API key here, which every plan takes.
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
    return tuple(
        _usage_plan(resource, apis) for resource in resources.of_type("AWS::ApiGateway::UsagePlan")
    )


def _usage_plan(resource: Resource, apis: dict[str, str]) -> UsagePlan:
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
    )
