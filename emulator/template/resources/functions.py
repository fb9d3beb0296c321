"""Lambda functions with their layers.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_Lambda.html
Container images and code that lies in S3 cannot be run here: such a function is there, and says so.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulator.application import Function, LoggingConfig
from emulator.template.local_files import local_path
from emulator.template.resources.further_configuration import FurtherConfiguration
from emulator.template.text import to_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from emulator.application import Pairs
    from emulator.template.resources.created import CreatedResources, Resource
    from emulator.template.resources.notes import Notes
    from emulator.template.resources.properties import Properties

_FUNCTION = "AWS::Lambda::Function"
_NAME = re.compile(r"[a-zA-Z0-9-_]{1,64}")
_VARIABLE = re.compile(r"[a-zA-Z]\w+", re.ASCII)
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
_RESERVED_VARIABLES = frozenset(
    (
        *("AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_DEFAULT_REGION", "AWS_EXECUTION_ENV"),
        *("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_NAME"),
        *("AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE"),
        *("AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_LAMBDA_RUNTIME_API"),
        *("AWS_REGION", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "LAMBDA_RUNTIME_DIR"),
        *("LAMBDA_TASK_ROOT", "_HANDLER", "_X_AMZN_TRACE_ID"),
    )
)
_RUNTIME = re.compile(r"python3\.\d+|nodejs\d+\.x|provided(\.al\d+)?")
_INLINE_RUNTIMES = ("python", "nodejs")


def read_functions(resources: CreatedResources, notes: Notes) -> tuple[Function, ...]:
    """Make the functions of a template.

    Raises:
        TemplateError: code, handler or runtime is missing or wrong.
    """
    layers = _layers(resources, notes)
    further = FurtherConfiguration(resources, notes)
    return tuple(
        _function(resource, layers, further, notes) for resource in resources.of_type(_FUNCTION)
    )


def _function(
    resource: Resource, layers: Mapping[str, Path], further: FurtherConfiguration, notes: Notes
) -> Function:
    properties = resource.properties
    if "FunctionName" in properties and not _NAME.fullmatch(resource.name):
        raise properties.error(
            f"Value '{resource.name}' at 'functionName' failed to satisfy constraint: Member must "
            "satisfy regular expression pattern: [a-zA-Z0-9-_]+",
            "FunctionName",
            "64 letters, digits, hyphens and underscores at most",
        )
    code = _code(properties, notes)
    image = properties.text("PackageType", "Zip") == "Image"
    return Function(
        logical_id=resource.logical_id,
        name=resource.name,
        handler=properties.text("Handler") if image else properties.required_text("Handler"),
        runtime=properties.text("Runtime") if image else properties.required_text("Runtime"),
        code_root=code.root,
        build_folder=properties.file.parent / ".aws-sam" / "build" / resource.logical_id,
        cannot_run=code.cannot_run or _without_runtime(properties, notes),
        inline_code=code.inline,
        environment=_environment(properties.mapping("Environment")),
        timeout_seconds=_in_range(properties, "Timeout", 3, (1, 900)),
        memory_size_mb=_in_range(properties, "MemorySize", 128, (128, 10_240)),
        description=properties.text("Description"),
        role_arn=properties.text("Role"),
        architectures=properties.texts("Architectures") or ("x86_64",),
        layers=_layers_of(properties, layers, notes),
        reserved_concurrency=properties.optional_integer("ReservedConcurrentExecutions"),
        dead_letter_target_arn=properties.mapping("DeadLetterConfig").optional_text("TargetArn"),
        logging=_logging(properties.mapping("LoggingConfig")),
        ephemeral_storage_mb=properties.mapping("EphemeralStorage").integer("Size", 512),
        tracing_active=properties.mapping("TracingConfig").text("Mode") == "Active",
        tags=tuple((tag.text("Key"), tag.text("Value")) for tag in properties.mappings("Tags")),
        **further.of(resource.name),
    )


def _in_range(properties: Properties, name: str, default: int, limits: tuple[int, int]) -> int:
    value = properties.integer(name, default)
    if not limits[0] <= value <= limits[1]:
        raise properties.error(f"{name} must be between {limits[0]} and {limits[1]}", name)
    return value


def _environment(environment: Properties) -> Pairs:
    for name in environment:
        if name != "Variables":
            problem = f"extraneous key [{name}] is not permitted in Environment"
            raise environment.error(problem, name, "variables stand below Environment: Variables:")
    variables = environment.pairs("Variables")
    mapping = environment.mapping("Variables")
    reserved = [name for name, _ in variables if name in _RESERVED_VARIABLES]
    if reserved:
        raise mapping.error(
            "Lambda was unable to configure your environment variables because the environment "
            "variables you have provided contains reserved keys that are currently not supported "
            f"for modification. Reserved keys used in this request: {', '.join(reserved)}",
            reserved[0],
        )
    for name, _ in variables:
        if not _VARIABLE.fullmatch(name):
            raise mapping.error(
                f"environment variable {name}: a name is a letter, then letters, digits and "
                "underscores, two at least",
                name,
            )
    return variables


def _without_runtime(properties: Properties, notes: Notes) -> str:
    """Tell why no runtime runs the function; nothing if one does, if it is on this machine."""
    runtime = properties.text("Runtime")
    if _RUNTIME.fullmatch(runtime):
        return ""
    reason = f"the emulator has no runtime {runtime}"
    notes.unsupported(properties, "Runtime", f"{reason}; the function is not run")
    return reason


@dataclass(frozen=True, slots=True, kw_only=True)
class _Code:
    """Where a function's code is: in one of two places, or nowhere here."""

    root: Path | None = None
    inline: str | None = None
    cannot_run: str = ""


def _code(properties: Properties, notes: Notes) -> _Code:
    if properties.text("PackageType", "Zip") == "Image":
        reason = f"container images are not run: {_image(properties)}"
        notes.unsupported(properties, "PackageType", reason)
        return _Code(cannot_run=reason)
    code = properties.raw("Code")
    if isinstance(code, dict) and "ZipFile" in code:
        runtime = properties.required_text("Runtime")
        if not runtime.startswith(_INLINE_RUNTIMES):
            raise properties.error("ZipFile can only be used with Python and Node.js", "Code")
        return _Code(inline=properties.mapping("Code").text("ZipFile"))
    path = local_path(code) or (code if isinstance(code, str) and "://" not in code else None)
    if path is None:
        if code is None:
            raise properties.error("Property Code cannot be empty.")
        reason = f"its code is in S3 ({_location(code)}), not on this machine"
        notes.unsupported(properties, "Code", f"{reason}; it is not run")
        return _Code(cannot_run=reason)
    return _Code(root=_folder(properties, "Code", path, "CodeUri"))


def _image(properties: Properties) -> str:
    code = properties.raw("Code")
    uri = code.get("ImageUri") if isinstance(code, dict) else None
    return to_text(uri) or "it is built from a Dockerfile"


def _location(code: Any) -> str:
    if not isinstance(code, dict):
        return str(code)
    return "s3://" + "/".join(str(code.get(name, "?")) for name in ("S3Bucket", "S3Key"))


def _folder(properties: Properties, name: str, path: str, written_as: str) -> Path:
    folder = properties.file.parent / path
    try:
        if folder.is_dir() or zipfile.is_zipfile(folder):
            return folder
        problem = "is no folder and no zip archive" if folder.exists() else "does not exist"
    except (OSError, ValueError) as error:
        problem = str(error)
    remedy = "name a folder or a zip archive, relative to the template"
    raise properties.error(f"{written_as} {folder} {problem}", name, remedy)


def _layers(resources: CreatedResources, notes: Notes) -> dict[str, Path]:
    """Find the folder of each layer, by the ARN of its version."""
    layers = {}
    for resource in resources.of_type("AWS::Lambda::LayerVersion"):
        content = resource.properties.raw("Content")
        path = local_path(content) or (content if isinstance(content, str) else None)
        if path is None or "://" in path:
            reason = "its content is not on this machine; it is left out"
            notes.unsupported(resource.properties, "Content", reason)
        else:
            layers[resource.physical_id] = _folder(
                resource.properties, "Content", path, "ContentUri"
            )
    return layers


def _layers_of(
    properties: Properties, layers: Mapping[str, Path], notes: Notes
) -> tuple[Path, ...]:
    arns = properties.texts("Layers")
    for arn in arns:
        if arn not in layers:
            notes.unsupported(properties, "Layers", f"{arn} is not on this machine; it is left out")
    return tuple(layers[arn] for arn in arns if arn in layers)


def _logging(properties: Properties) -> LoggingConfig:
    return LoggingConfig(
        log_format="JSON" if properties.text("LogFormat") == "JSON" else "Text",
        application_log_level=properties.optional_text("ApplicationLogLevel"),
        system_log_level=properties.optional_text("SystemLogLevel"),
        log_group=properties.optional_text("LogGroup"),
    )
