"""Where a new bucket is made: the endpoint's region, or the one that is named.

The emulator has one address for all regions, so that the endpoint is the region that the request is
signed for, as an SDK finds it.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from emulator.s3.bodies import read_document
from emulator.s3.errors import not_implemented, s3_error
from emulator.s3.xml import parse

if TYPE_CHECKING:
    from xml.etree import ElementTree as ET

    from emulator.s3.request import S3Request

DEFAULT_REGION = "us-east-1"
LOCATION = "location"  # what a bucket elsewhere is kept with
_EU = "eu-west-1"
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d|EU")
_SIGNED_FOR = re.compile(r"Credential=[^,\s]*/\d{8}/([a-z0-9-]+)/s3/aws4_request")


def endpoint_region(request: S3Request, region: str) -> str:
    """Tell the region that a request is signed for; without such a signature, the emulator's."""
    credential = request.parameter("X-Amz-Credential")
    text = f"Credential={credential}" if credential else request.headers.get("authorization", "")
    match = _SIGNED_FOR.search(text)
    return match[1] if match else region


def read_configuration(request: S3Request) -> ET.Element | None:
    """Read the ``CreateBucketConfiguration`` of a request; ``None`` without one.

    Raises:
        ServiceError: ``MalformedXML``, or by name what only directory buckets have.
    """
    length = request.headers.get("content-length", "0")
    if length == "0" and "transfer-encoding" not in request.headers:
        return None
    document = read_document(request)
    if not document:
        return None
    root = parse(document)
    if root is None or root.tag != "CreateBucketConfiguration":
        raise s3_error("MalformedXML")
    for name in ("Location", "Bucket"):
        if root.find(name) is not None:
            raise not_implemented(f"CreateBucketConfiguration.{name} (directory buckets)")
    return root


def chosen_region(configuration: ET.Element | None, endpoint: str) -> str:
    """Tell where ``CreateBucket`` puts the bucket.

    Raises:
        ServiceError: there is no such region, or it has an endpoint of its own.
    """
    named = configuration.findtext("LocationConstraint") if configuration is not None else None
    if named is None:
        if endpoint != DEFAULT_REGION:
            raise _incompatible("unspecified")
        return endpoint
    if endpoint not in {_EU if named == "EU" else named, DEFAULT_REGION}:
        raise _incompatible(named)
    if named == DEFAULT_REGION or not _REGION.fullmatch(named):
        raise s3_error(
            "InvalidLocationConstraint",
            "The specified location-constraint is not valid",
            LocationConstraint=named,
        )
    return named


def read_listed_region(request: S3Request) -> str | None:
    """Read in which region ``ListBuckets`` is to look; ``None``: in all.

    Raises:
        ServiceError: ``InvalidArgument``: no region is called so.
    """
    named = request.parameter("bucket-region")
    if named and not _REGION.fullmatch(named):
        message = f"Argument value {named} is not a valid AWS Region"
        raise s3_error("InvalidArgument", message, ArgumentName="bucket-region")
    return named or None


def _incompatible(named: str) -> Exception:
    return s3_error(
        "IllegalLocationConstraintException",
        f"The {named} location constraint is incompatible for the region specific endpoint this"
        " request was sent to.",
    )
