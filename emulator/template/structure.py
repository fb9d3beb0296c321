"""The shape of a template: sections, resources, their attributes.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.errors import TemplateError
from emulator.template.sam import SERVERLESS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.template.places import DocumentPath, Places

_SECTIONS = frozenset(
    (
        *("AWSTemplateFormatVersion", "Conditions", "Description", "Globals", "Hooks"),
        *("Mappings", "Metadata", "Outputs", "Parameters", "Resources", "Rules", "Transform"),
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
_FORMAT_VERSION = "2010-09-09"
LANGUAGE_EXTENSIONS = "AWS::LanguageExtensions"
_EXTENDED_FUNCTIONS = ("Fn::Length", "Fn::ToJsonString")
_WITH_DEFAULT = 4  # mapping, two keys and the default


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
    version = template.get("AWSTemplateFormatVersion", _FORMAT_VERSION)
    if str(version) != _FORMAT_VERSION:
        raise places.error(
            f"Template format error: {version} is not a supported value for "
            "AWSTemplateFormatVersion.",
            ("AWSTemplateFormatVersion",),
            f'write "{_FORMAT_VERSION}"',
        )


def check_functions(template: dict[str, Any], transforms: list[str], places: Places) -> None:
    """Refuse intrinsic functions that come with a transform that the template does not name.

    Raises:
        TemplateError: one is used.
    """
    if LANGUAGE_EXTENSIONS not in transforms:
        for name, path in _extended_functions(template, ()):
            remedy = f"add Transform: {LANGUAGE_EXTENSIONS}"
            raise places.error(f"{name} needs a transform", path, remedy)


def _extended_functions(value: Any, path: DocumentPath) -> Iterator[tuple[str, DocumentPath]]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _extended_functions(item, (*path, str(index)))
    elif isinstance(value, dict):
        for key, item in value.items():
            if key in _EXTENDED_FUNCTIONS:
                yield key, (*path, key)
            if key == "Fn::FindInMap" and isinstance(item, list) and len(item) == _WITH_DEFAULT:
                yield "DefaultValue of Fn::FindInMap", (*path, key)
            yield from _extended_functions(item, (*path, key))


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
    if logical_id.startswith("Fn::ForEach::"):
        remedy = f"add Transform: {LANGUAGE_EXTENSIONS}"
        raise places.error("Fn::ForEach needs a transform", path, remedy)
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
    if not isinstance(resource.get("Properties"), dict | None):
        raise places.error("Properties must be a mapping", (*path, "Properties"))


def transforms_of(template: dict[str, Any], places: Places) -> list[str]:
    """List the transforms of a template.

    Raises:
        TemplateError: one that cannot be run here, or SAM resources without theirs.
    """
    written = template.get("Transform", [])
    transforms = written if isinstance(written, list) else [written]
    for transform in transforms:
        if transform not in (SERVERLESS, LANGUAGE_EXTENSIONS):
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
