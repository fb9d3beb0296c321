"""The stages from a template file to plain CloudFormation.

1. The file is read, and its structure checked.
2. Loops and ``AWS::Include`` are expanded.
3. Local paths are hidden and SAM becomes CloudFormation.
4. API definitions that lie in files take their place in the template.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.errors import TemplateError
from emulator.template import sam
from emulator.template.document import Document, read_document
from emulator.template.includes import Includes
from emulator.template.intrinsics import Resolver, function_of
from emulator.template.local_files import hide_local_paths, local_path
from emulator.template.loops import Loops
from emulator.template.names import Names, pseudo_parameters
from emulator.template.parameters import read_parameters
from emulator.template.structure import (
    LANGUAGE_EXTENSIONS,
    check_functions,
    check_sections,
    check_structure,
    transforms_of,
)
from emulator.template.translation import Request, Translation

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from emulator.template.places import Places

_DEFINITIONS = ("AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api")


def translate_template(request: Request) -> Translation:
    """Translate a template.

    Raises:
        TemplateError: it, or a file that it names, cannot be read or is refused.
    """
    document = read_document(request.template, request.content)
    places = document.places
    check_sections(document.value, places)
    parameters, _ = read_parameters(document.value.get("Parameters"), request.parameters, places)
    pseudo = pseudo_parameters(request.template, request.region, request.account_id)
    values = {**pseudo, **parameters}
    document = _without_loops(document, _parameter_resolver(document, values, request.region))
    resolve = _parameter_resolver(document, values, request.region)
    includes = Includes(request.template.parent, resolve, request.read)
    template = includes.expand(document)
    check_structure(template, places)
    transforms = transforms_of(template, places)
    check_functions(template, transforms, places)
    if sam.SERVERLESS in transforms:
        hide_local_paths(template, resolve)
        template = sam.translate(template, parameters, places, region=request.region)
    files = [*includes.files, *_put_definitions(template, places, request)]
    return Translation(template=template, places=places, included=tuple(dict.fromkeys(files)))


def _without_loops(document: Document, resolve: Callable[[Any, Any], Any]) -> Document:
    written = document.value.get("Transform", [])
    if LANGUAGE_EXTENSIONS not in (written if isinstance(written, list) else [written]):
        return document
    loops = Loops(resolve=resolve, places=document.places)
    return Document(value=loops.expand(document.value, (), {}), places=document.places)


def _parameter_resolver(
    document: Document, parameters: dict[str, Any], region: str
) -> Callable[[Any, Any], Any]:
    """Resolve what can be resolved before there are resources."""
    mappings, conditions = (document.value.get(name) for name in ("Mappings", "Conditions"))
    resolver = Resolver(
        Names(parameters, {}, document.places),
        document.places,
        region=region,
        mappings=mappings if isinstance(mappings, dict) else {},
        conditions=conditions if isinstance(conditions, dict) else {},
    )
    return resolver.resolve


def _put_definitions(template: dict[str, Any], places: Places, request: Request) -> list[Path]:
    """Read the definitions that ``DefinitionUri`` and ``BodyS3Location`` name by a local path."""
    files = []
    for logical_id, resource in template["Resources"].items():
        properties = resource.get("Properties")
        if resource["Type"] not in _DEFINITIONS or not isinstance(properties, dict):
            continue
        written = properties.get("BodyS3Location")
        location = local_path(written) or (written if _is_path(written) else None)
        if location is None:
            continue
        path = ("Resources", logical_id, "Properties", "BodyS3Location")
        file = request.template.parent / location
        files.append(file)
        del properties["BodyS3Location"]
        properties["Body"] = _read_definition(file, path, places, request)
    return files


def _is_path(location: Any) -> bool:
    return isinstance(location, str) and "://" not in location


def _read_definition(
    file: Path, path: tuple[str, ...], places: Places, request: Request
) -> dict[str, Any]:
    try:
        content = request.read(file)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise places.error(f"cannot read the API definition {file}: {reason}", path) from error
    definition = read_document(file, content, short_forms=False)
    if not isinstance(definition.value, dict):
        raise TemplateError("an API definition must be a mapping", file=file)
    if _calls_functions(definition.value):
        raise TemplateError(
            "holds intrinsic functions, which CloudFormation does not resolve in a file that "
            "DefinitionUri names",
            file=file,
            remedy="use DefinitionBody with Fn::Transform: AWS::Include",
        )
    places.mount((*path[:-1], "Body"), definition.places)
    return definition.value


def _calls_functions(value: Any) -> bool:
    if isinstance(value, dict):
        return bool(function_of(value)) or any(map(_calls_functions, value.values()))
    return isinstance(value, list) and any(map(_calls_functions, value))
