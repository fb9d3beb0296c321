"""The shape of a template: sections, resources, their attributes.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.errors import TemplateError
from emulator.template.sam import SERVERLESS

if TYPE_CHECKING:
    from emulator.template.places import DocumentPath, Places

_SECTIONS = frozenset(
    (
        *("AWSTemplateFormatVersion", "Conditions", "Description", "Globals", "Mappings"),
        *("Metadata", "Outputs", "Parameters", "Resources", "Rules", "Transform"),
        "Fn::Transform",
    )
)
_RESOURCE_ATTRIBUTES = frozenset(
    (
        *("Condition", "Connectors", "CreationPolicy", "DeletionPolicy", "DependsOn"),
        *("IgnoreGlobals", "Metadata", "Properties", "Type", "UpdatePolicy"),
        "UpdateReplacePolicy",
    )
)
_LANGUAGE_EXTENSIONS = "AWS::LanguageExtensions"


def check_sections(template: Any, places: Places) -> None:
    """Check the sections of a template before its includes are expanded.

    Raises:
        TemplateError: in the words of CloudFormation.
    """
    if not isinstance(template, dict):
        raise TemplateError(
            "Template format error: a template is a mapping of sections",
            file=places.file,
            line=1,
            remedy="begin with Resources:",
        )
    for section in template:
        if section not in _SECTIONS:
            problem = f"Invalid template property or properties [{section}]"
            raise places.error(problem, (section,))


def check_structure(template: Any, places: Places) -> None:
    """Check an expanded template.

    Raises:
        TemplateError: in the words of CloudFormation.
    """
    check_sections(template, places)
    resources = template.get("Resources")
    if not isinstance(resources, dict) or not resources:
        raise places.error(
            "Template format error: At least one Resources member must be defined.",
            ("Resources",),
        )
    for section in ("Conditions", "Globals", "Mappings", "Outputs", "Parameters"):
        if not isinstance(template.get(section, {}), dict):
            raise places.error(f"{section} must be a mapping", (section,))
    for logical_id, resource in resources.items():
        _check_resource(logical_id, resource, places)


def _check_resource(logical_id: str, resource: Any, places: Places) -> None:
    path = ("Resources", logical_id)
    if not logical_id.isascii() or not logical_id.isalnum():
        raise places.error("Resource name is non alphanumeric.", path)
    if not isinstance(resource, dict):
        raise places.error("Template format error: a resource must be a mapping", path)
    if not isinstance(resource.get("Type"), str):
        raise places.error("Template format error: a resource must have a Type", path)
    for attribute in resource:
        if attribute not in _RESOURCE_ATTRIBUTES:
            problem = f"Invalid template resource property '{attribute}'"
            raise places.error(problem, (*path, attribute))
    if not isinstance(resource.get("Properties") or {}, dict):
        raise places.error("Properties must be a mapping", (*path, "Properties"))


def transforms_of(template: dict[str, Any], places: Places) -> list[str]:
    """List the transforms of a template.

    Raises:
        TemplateError: one that cannot be run here, or SAM resources without theirs.
    """
    written = template.get("Transform", [])
    transforms = written if isinstance(written, list) else [written]
    for transform in transforms:
        if transform not in (SERVERLESS, _LANGUAGE_EXTENSIONS):
            name = transform.get("Name") if isinstance(transform, dict) else transform
            raise places.error(f"the macro {name} cannot be run here", ("Transform",))
    if SERVERLESS not in transforms:
        _refuse_sam_resources(template, places)
    return transforms


def _refuse_sam_resources(template: dict[str, Any], places: Places) -> None:
    for logical_id, resource in template["Resources"].items():
        if resource["Type"].startswith("AWS::Serverless::"):
            path: DocumentPath = ("Resources", logical_id, "Type")
            problem = f"Unrecognized resource types: [{resource['Type']}]"
            raise places.error(problem, path, f"add Transform: {SERVERLESS}")
