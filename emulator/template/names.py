"""What each name of one template stands for: parameters, pseudo parameters and resources.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING, Any

from emulator.template.physical_names import NAMES, PhysicalNames, unknown_type
from emulator.template.text import to_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from emulator.template.places import DocumentPath, Places

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_PARTITIONS = {
    "cn-": "aws-cn",
    "us-gov-": "aws-us-gov",
    "eusc-": "aws-eusc",
    "us-iso-": "aws-iso",
    "us-isob-": "aws-iso-b",
}


class Names:
    """Tells what ``Ref`` and ``Fn::GetAtt`` give.

    Args:
        parameters: parameters and pseudo parameters.
        resources: every resource that is created, by logical ID.
    """

    def __init__(
        self,
        parameters: Mapping[str, Any],
        resources: Mapping[str, dict[str, Any]],
        places: Places,
    ) -> None:
        self._parameters = parameters
        self._resources = resources
        self._places = places
        self._resolve: Callable[[Any, DocumentPath], Any] = lambda value, _: value

    def resolve_with(self, resolve: Callable[[Any, DocumentPath], Any]) -> None:
        """Resolve names that are themselves made by functions."""
        self._resolve = resolve

    def ref(self, name: str, path: DocumentPath) -> Any:
        """Give the value of a parameter or the physical ID of a resource.

        Raises:
            TemplateError: there is no such name.
        """
        if name in self._parameters:
            return self._parameters[name]
        names = self._names(name, path)
        return self._fill(names.ref, name, names)

    def attribute(self, logical_id: str, name: str, path: DocumentPath) -> Any:
        """Give an attribute of a resource.

        Raises:
            TemplateError: no such resource, or it has no such attribute.
        """
        names = self._names(logical_id, path)
        if name in names.attributes:
            return self._fill(names.attributes[name], logical_id, names)
        if names.any_attribute:
            return f"{logical_id}.{name}"
        raise self._places.error(
            f"Template error: resource {logical_id} does not support attribute type {name} in "
            "Fn::GetAtt",
            path,
            f"it has {', '.join(names.attributes) or 'none'}",
        )

    def name(self, logical_id: str) -> str:
        """Give the name of a resource."""
        names = self._names(logical_id, ("Resources", logical_id))
        return self._fill("{name}", logical_id, names)

    def _names(self, logical_id: str, path: DocumentPath) -> PhysicalNames:
        if logical_id not in self._resources:
            raise self._places.error(
                f"Template format error: Unresolved resource dependencies [{logical_id}] in the "
                f"{path[0]} block of the template",
                path,
            )
        resource_type = self._resources[logical_id]["Type"]
        return NAMES.get(resource_type) or unknown_type(resource_type)

    def _fill(self, text: str, logical_id: str, names: PhysicalNames) -> str:
        def value(found: re.Match[str]) -> str:
            placeholder = found[1]
            if placeholder == "name":
                return self._name(logical_id, names)
            if placeholder in _PSEUDO:
                return str(self._parameters[_PSEUDO[placeholder]])
            if make := _MADE.get(placeholder):
                return make(logical_id)
            if placeholder == "fifo":
                return self._fifo(logical_id)
            if placeholder == "version":
                return str(self._version(logical_id))
            text = self._property(logical_id, placeholder)
            return text if placeholder in _WHOLE else text.rpartition(":")[2]

        return _PLACEHOLDER.sub(value, text)

    def _name(self, logical_id: str, names: PhysicalNames) -> str:
        given = names.name_property and self._property(logical_id, names.name_property)
        return given or self._fill(names.default_name, logical_id, names)

    def _property(self, logical_id: str, name: str) -> str:
        properties = self._resources[logical_id].get("Properties") or {}
        value = properties.get(name) if isinstance(properties, dict) else None
        return to_text(self._resolve(value, ("Resources", logical_id, "Properties", name))) or ""

    def _fifo(self, logical_id: str) -> str:
        kinds = {self._property(logical_id, name) for name in ("FifoQueue", "FifoTopic")}
        return ".fifo" if "true" in kinds else ""

    def _version(self, logical_id: str) -> int:
        """Number the versions of a function in the order of the template."""
        function = self._property(logical_id, "FunctionName")
        versions = [
            other
            for other, resource in self._resources.items()
            if resource["Type"] == "AWS::Lambda::Version"
            and self._property(other, "FunctionName") == function
        ]
        return versions.index(logical_id) + 1


def stable_id(logical_id: str) -> str:
    """Make the ID of a REST API and the like: ten lower-case letters and digits."""
    digest = hashlib.sha256(logical_id.encode()).digest()
    return base64.b32encode(digest).decode().lower()[:10]


def _bucket_name(logical_id: str) -> str:
    """Make a bucket's name of its logical ID: lower case, 3 to 63 characters."""
    name = logical_id.lower()
    return name[:63] if len(name) >= 3 else f"{name}-bucket"  # noqa: PLR2004 -- S3's least length


def pseudo_parameters(template: Path, region: str, account_id: str) -> dict[str, Any]:
    """Give the values that CloudFormation itself knows; the stack is called like the folder."""
    partition = next(
        (name for prefix, name in _PARTITIONS.items() if region.startswith(prefix)), "aws"
    )
    folder = re.sub(r"[^a-zA-Z0-9-]+", "-", template.resolve().parent.name).strip("-")
    stack_name = folder if folder[:1].isalpha() else f"stack-{folder}".rstrip("-")
    stack = f"arn:{partition}:cloudformation:{region}:{account_id}:stack/{stack_name}"
    return {
        "AWS::AccountId": account_id,
        "AWS::NotificationARNs": [],
        "AWS::Partition": partition,
        "AWS::Region": region,
        "AWS::StackId": f"{stack}/00000000-0000-0000-0000-000000000000",
        "AWS::StackName": stack_name,
        "AWS::URLSuffix": "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com",
    }


# Their colons are no ARN's.
_WHOLE = ("Type", "Value")
_PSEUDO = {"account_id": "AWS::AccountId", "partition": "AWS::Partition", "region": "AWS::Region"}
_MADE: Mapping[str, Callable[[str], str]] = {
    "logical_id": lambda logical_id: logical_id,
    "bucket_name": _bucket_name,
    "id": stable_id,
}
