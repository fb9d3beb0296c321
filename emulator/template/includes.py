"""``AWS::Include``: parts of a template that stand in files of their own.

A local ``Location`` is relative to the template; ``aws cloudformation package`` uploads such files
and puts their S3 URI in place. CloudFormation expands includes before SAM, the innermost first,
and refuses an included file that includes another.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-aws-include.html
Left out are macros of your own: they are functions in an account.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.errors import TemplateError
from emulator.template.document import Document, read_document

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from emulator.template.places import DocumentPath, Places

INCLUDE = "AWS::Include"
_TRANSFORM = "Fn::Transform"


class Includes:
    """Expands the includes of one template.

    Args:
        directory: what locations are relative to.
        resolve: resolves intrinsic functions in a location, as far as parameters go.
        read: gives the content of a file.

    Attributes:
        files: what was included, in order.
    """

    def __init__(
        self,
        directory: Path,
        resolve: Callable[[Any, DocumentPath], Any],
        read: Callable[[Path], bytes],
    ) -> None:
        self.files: list[Path] = []
        self._directory = directory
        self._resolve = resolve
        self._read = read

    def expand(self, document: Document) -> Any:
        """Expand a whole template; the places of included parts are added to its own.

        Raises:
            TemplateError: a file is missing, lies in S3 or is no part of a template.
        """
        template = self._expand(document.value, (), document.places)
        transforms = template.pop("Transform", []) if isinstance(template, dict) else []
        others = []
        for index, transform in enumerate(_as_list(transforms)):
            if not _is_include(transform):
                others.append(transform)
                continue
            path = ("Transform", str(index), "Parameters")
            included = self._include(transform, path, (), document.places)
            template = _beside(template, included, (), document.places)
        return {**template, "Transform": others} if others else template

    def _expand(self, value: Any, path: DocumentPath, places: Places) -> Any:
        if isinstance(value, list):
            return [
                self._expand(item, (*path, str(index)), places) for index, item in enumerate(value)
            ]
        if not isinstance(value, dict):
            return value
        expanded = {
            key: self._expand(item, (*path, key), places)
            for key, item in value.items()
            if key != _TRANSFORM
        }
        if _TRANSFORM not in value:
            return expanded
        transform = value[_TRANSFORM]
        included = self._include(transform, (*path, _TRANSFORM), path, places)
        return _beside(expanded, included, path, places) if expanded else included

    def _include(self, transform: Any, at: DocumentPath, into: DocumentPath, places: Places) -> Any:
        if not _is_include(transform):
            name = transform.get("Name") if isinstance(transform, dict) else transform
            raise places.error(
                f"the macro {name} cannot be run here",
                at,
                "expand it before, or include a file with AWS::Include",
            )
        location = self._resolve(transform["Parameters"].get("Location"), at)
        file = self._locate(location, at, places)
        included = read_document(file, self._read_included(file, at, places), short_forms=False)
        if not isinstance(included.value, dict | list):
            raise TemplateError("an included file must hold a mapping or a list", file=file)
        if _holds_transform(included.value):
            raise included.places.error(
                "an included file includes another", (), "CloudFormation does not allow that"
            )
        places.mount(into, included.places)
        return included.value

    def _locate(self, location: Any, at: DocumentPath, places: Places) -> Path:
        if not isinstance(location, str) or not location:
            raise places.error("AWS::Include needs a Location", at)
        if "://" in location:
            raise places.error(
                f"{location} is not on this machine",
                at,
                "give a path; `aws cloudformation package` makes an S3 URI of it",
            )
        return self._directory / location

    def _read_included(self, file: Path, at: DocumentPath, places: Places) -> bytes:
        try:
            content = self._read(file)
        except (OSError, ValueError) as error:  # ValueError: a null byte in the path
            reason = getattr(error, "strerror", None) or error
            raise places.error(f"cannot read the included file {file}: {reason}", at) from error
        if file not in self.files:
            self.files.append(file)
        return content


def _is_include(transform: Any) -> bool:
    return (
        isinstance(transform, dict)
        and transform.get("Name") == INCLUDE
        and isinstance(transform.get("Parameters"), dict)
    )


def _holds_transform(value: Any) -> bool:
    if isinstance(value, dict):
        return _TRANSFORM in value or any(_holds_transform(item) for item in value.values())
    return isinstance(value, list) and any(_holds_transform(item) for item in value)


def _beside(template: Any, included: Any, path: DocumentPath, places: Places) -> Any:
    """Put an included mapping beside the keys that are already there."""
    if not isinstance(included, dict) or not isinstance(template, dict):
        raise places.error("only a mapping can be included beside other keys", path)
    merged = dict(template)
    for key, value in included.items():
        both = merged.get(key)
        if isinstance(both, dict) and isinstance(value, dict):
            merged[key] = _beside(both, value, (*path, key), places)
        elif key in merged:
            raise places.error(f"{key} stands here and in the included file", (*path, key))
        else:
            merged[key] = value
    return merged


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
