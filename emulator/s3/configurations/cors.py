"""The CORS configuration of a bucket: read, checked, kept, shown.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketCors.html
"""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import lru_cache
from typing import TYPE_CHECKING

from emulator.application import CorsRule
from emulator.s3.answer import Answer, xml
from emulator.s3.bodies import read_document
from emulator.s3.errors import s3_error
from emulator.s3.numbers import read_whole
from emulator.s3.operations import Call, Operation, Operations, Resource
from emulator.s3.xml import element, parse, result

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from xml.etree import ElementTree as ET

    from emulator.s3.storage.metadata import Metadata

CORS = "cors"
_METHODS = ("GET", "PUT", "POST", "DELETE", "HEAD")
_MOST_RULES = 100
_OLDEST_SECONDS = (1 << 31) - 1


class CorsConfigurations:
    """The operations on CORS configurations, and the rules of each bucket."""

    def __init__(self, metadata: Metadata) -> None:
        self._metadata = metadata

    def operations(self) -> Operations:
        """Give the family's part of the table."""
        bucket = Resource.BUCKET
        return {
            (bucket, "GET", CORS): Operation("GetBucketCors", self.get),
            (bucket, "PUT", CORS): Operation("PutBucketCors", self.put),
            (bucket, "DELETE", CORS): Operation("DeleteBucketCors", self.delete),
        }

    def rules(self, bucket: str) -> tuple[CorsRule, ...]:
        """Give the rules of a bucket; none without a configuration."""
        document = self._metadata.configuration(bucket, CORS)
        return _read(document) if document else ()

    def get(self, call: Call) -> Answer:
        """``GetBucketCors``."""
        rules = self.rules(call.request.bucket)
        if not rules:
            raise s3_error(
                "NoSuchCORSConfiguration",
                "The CORS configuration does not exist",
                status=404,
                BucketName=call.request.bucket,
            )
        return xml(result("CORSConfiguration", *map(_element, rules)))

    def put(self, call: Call) -> Answer:
        """``PutBucketCors``."""
        root = parse(read_document(call.request))
        nodes = root.findall("CORSRule") if root is not None else []
        if root is None or root.tag != "CORSConfiguration" or not 1 <= len(nodes) <= _MOST_RULES:
            raise s3_error("MalformedXML")
        self._metadata.configure(call.request.bucket, CORS, write_rules(map(_rule, nodes)))
        return Answer()

    def delete(self, call: Call) -> Answer:
        """``DeleteBucketCors``."""
        self._metadata.configure(call.request.bucket, CORS, None)
        return Answer(status=204)


def write_rules(rules: Iterable[CorsRule]) -> str:
    """Write rules as they are kept."""
    return json.dumps([asdict(rule) for rule in rules])


@lru_cache(maxsize=256)
def _read(document: str) -> tuple[CorsRule, ...]:
    return tuple(
        CorsRule(
            allowed_methods=tuple(fields["allowed_methods"]),
            allowed_origins=tuple(fields["allowed_origins"]),
            allowed_headers=tuple(fields["allowed_headers"]),
            expose_headers=tuple(fields["expose_headers"]),
            max_age_seconds=fields["max_age_seconds"],
            rule_id=fields["rule_id"],
        )
        for fields in json.loads(document)
    )


def _rule(node: ET.Element) -> CorsRule:
    text = node.findtext("MaxAgeSeconds")
    age = None if text is None else read_whole(text)
    if text is not None and (age is None or age > _OLDEST_SECONDS):
        raise s3_error("MalformedXML")
    rule = CorsRule(
        allowed_methods=_texts(node, "AllowedMethod"),
        allowed_origins=_texts(node, "AllowedOrigin"),
        allowed_headers=_texts(node, "AllowedHeader"),
        expose_headers=_texts(node, "ExposeHeader"),
        max_age_seconds=age,
        rule_id=node.findtext("ID"),
    )
    if not rule.allowed_methods or not rule.allowed_origins:
        raise s3_error("MalformedXML")
    for problem in _problems(rule):
        raise s3_error("InvalidRequest", problem)
    return rule


def _problems(rule: CorsRule) -> Iterator[str]:
    for method in rule.allowed_methods:
        if method not in _METHODS:
            yield f"Found unsupported HTTP method in CORS config. Unsupported method is {method}"
    for kind, values in (
        ("AllowedOrigin", rule.allowed_origins),
        ("AllowedHeader", rule.allowed_headers),
    ):
        for value in values:
            if value.count("*") > 1:
                yield f'{kind} "{value}" can not have more than one wildcard.'
    for name in rule.expose_headers:
        if "*" in name:
            yield (
                f'ExposeHeader "{name}" contains wildcard. We currently do not support wildcard'
                " for ExposeHeader."
            )


def _texts(node: ET.Element, name: str) -> tuple[str, ...]:
    return tuple(child.text or "" for child in node.findall(name))


def _element(rule: CorsRule) -> bytes:
    fields = [element("ID", rule.rule_id)] if rule.rule_id else []
    for name, values in (
        ("AllowedMethod", rule.allowed_methods),
        ("AllowedOrigin", rule.allowed_origins),
        ("AllowedHeader", rule.allowed_headers),
        ("ExposeHeader", rule.expose_headers),
    ):
        fields += [element(name, value) for value in values]
    if rule.max_age_seconds is not None:
        fields.append(element("MaxAgeSeconds", rule.max_age_seconds))
    return element("CORSRule", *fields)
