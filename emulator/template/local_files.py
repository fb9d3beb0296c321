"""Local paths in templates, where a deployed template has S3 locations.

``CodeUri: src/`` and the like mean a local folder that the SAM CLI or ``aws cloudformation
package`` uploads. AWS's translator wants the S3 location, so that a path travels through it as
one in a bucket that does not exist.
https://docs.aws.amazon.com/cli/latest/reference/cloudformation/package.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.template.places import DocumentPath

_BUCKET = "local-files-of-the-template"
_UNBUILT_IMAGE = "built-from-a-dockerfile:latest"
_PROPERTIES = {
    "AWS::Serverless::Function": ("CodeUri",),
    "AWS::Serverless::LayerVersion": ("ContentUri",),
    "AWS::Serverless::Api": ("DefinitionUri",),
    "AWS::Serverless::HttpApi": ("DefinitionUri",),
    "AWS::Serverless::StateMachine": ("DefinitionUri",),
}
_GLOBALS = {
    section: _PROPERTIES[f"AWS::Serverless::{section}"]
    for section in ("Function", "Api", "HttpApi", "LayerVersion", "StateMachine")
}


def hide_local_paths(template: dict[str, Any], resolve: Callable[[Any, DocumentPath], Any]) -> None:
    """Replace every local path in a SAM template by an S3 URI, in place.

    Args:
        template: the expanded template.
        resolve: resolves intrinsic functions, as far as parameters go.
    """
    for logical_id, resource in template["Resources"].items():
        names = _PROPERTIES.get(resource["Type"], ())
        path = ("Resources", logical_id, "Properties")
        _name_image(resource)
        _hide(resource.get("Properties"), names, path, resolve)
    sections = template.get("Globals")
    if isinstance(sections, dict):
        for section, properties in sections.items():
            _hide(properties, _GLOBALS.get(section, ()), ("Globals", section), resolve)


def _name_image(resource: dict[str, Any]) -> None:
    """Name the image of a function that ``sam build`` makes from a Dockerfile: SAM wants a name."""
    properties = resource.get("Properties")
    is_function = resource["Type"] == "AWS::Serverless::Function"
    if is_function and isinstance(properties, dict) and properties.get("PackageType") == "Image":
        properties.setdefault("ImageUri", _UNBUILT_IMAGE)


def _hide(
    properties: Any,
    names: tuple[str, ...],
    path: DocumentPath,
    resolve: Callable[[Any, DocumentPath], Any],
) -> None:
    if not isinstance(properties, dict):
        return
    for name in names:
        value = properties.get(name)
        if isinstance(value, dict) and len(value) == 1:  # an intrinsic function
            value = resolve(value, (*path, name))
        if isinstance(value, str) and "://" not in value:
            properties[name] = f"s3://{_BUCKET}/{quote(value, safe='')}"


def local_path(location: Any) -> str | None:
    """Tell the local path that an S3 location stands for; ``None`` if it is really in S3."""
    if isinstance(location, str):
        prefix = f"s3://{_BUCKET}/"
        return unquote(location.removeprefix(prefix)) if location.startswith(prefix) else None
    if not isinstance(location, dict):
        return None
    bucket = location.get("S3Bucket", location.get("Bucket"))
    key = location.get("S3Key", location.get("Key"))
    return unquote(key) if bucket == _BUCKET and isinstance(key, str) else None
