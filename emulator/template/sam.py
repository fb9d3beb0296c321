"""From SAM to CloudFormation, by AWS's own translator (``aws-sam-translator``).

It gets the region told and the managed policies from a table, so that it asks no AWS service.
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification.html
Left out are applications of the Serverless Application Repository: they are not on this machine.
"""

from __future__ import annotations

import copy
import json
import logging
import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from emulator.errors import TemplateError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulator.template.parameters import ParameterValue
    from emulator.template.places import Places

SERVERLESS = "AWS::Serverless-2016-10-31"
_APPLICATION = "AWS::Serverless::Application"
_NAMED_ID = re.compile(r"with id \[(\w+)\]")


def translate(
    template: dict[str, Any],
    parameters: Mapping[str, ParameterValue],
    places: Places,
    *,
    region: str,
) -> dict[str, Any]:
    """Translate a SAM template whose includes are expanded.

    Raises:
        TemplateError: the translator refuses it; every reason is in the text, one a line.
    """
    # Imported here because it takes most of a second; a cached translation does without.
    from samtranslator.metrics.metrics import DummyMetricsPublisher, Metrics  # noqa: PLC0415
    from samtranslator.model.exceptions import InvalidDocumentException  # noqa: PLC0415
    from samtranslator.parser.parser import Parser  # noqa: PLC0415
    from samtranslator.translator.translator import Translator  # noqa: PLC0415

    # It warns of a configuration that only AWS's own deployment of it has.
    logging.getLogger("samtranslator.feature_toggle").setLevel(logging.ERROR)
    metrics = Metrics(SERVERLESS, DummyMetricsPublisher())
    session = SimpleNamespace(region_name=region)
    translator = Translator(None, Parser(), boto_session=session, metrics=metrics)
    values = {
        name: ",".join(value) if isinstance(value, list) else value
        for name, value in parameters.items()
    }
    source = copy.deepcopy(template)
    _keep_applications_out(source)
    try:
        translated = translator.translate(
            source, parameter_values=values, get_managed_policy_map=_managed_policies
        )
        # Types of its own go, so that a translation is the same from the cache.
        return cast("dict[str, Any]", json.loads(json.dumps(translated)))
    except InvalidDocumentException as error:
        raise _errors([cause.message for cause in error.causes], places) from error
    except Exception as error:
        # The translator trips over shapes that it does not expect, with any exception at all.
        problem = f"{type(error).__name__}: {error}"
        raise places.error(
            f"the SAM translator cannot read this template: {problem}", ()
        ) from error
    finally:
        metrics.publish()  # to nobody, but it warns of what was never published


def _keep_applications_out(template: dict[str, Any]) -> None:
    """Make plain nested stacks of applications, for which the translator would ask a service."""
    for resource in template["Resources"].values():
        if resource["Type"] == _APPLICATION:
            resource["Type"] = "AWS::CloudFormation::Stack"
            resource["Properties"] = {}


def _managed_policies() -> dict[str, str]:
    """Give the managed policies that may be named without ARN; others are taken by their names."""
    return {
        name: f"arn:aws:iam::aws:policy/{path}{name}"
        for path, names in _MANAGED_POLICIES.items()
        for name in names
    }


_MANAGED_POLICIES = {
    "": (
        "AdministratorAccess",
        "AmazonDynamoDBFullAccess",
        "AmazonDynamoDBReadOnlyAccess",
        "AmazonS3FullAccess",
        "AmazonS3ReadOnlyAccess",
        "AmazonSNSFullAccess",
        "AmazonSQSFullAccess",
        "AWSLambda_FullAccess",
        "AWSLambda_ReadOnlyAccess",
        "AWSXRayDaemonWriteAccess",
        "CloudWatchFullAccess",
        "SecretsManagerReadWrite",
    ),
    "service-role/": (
        "AWSLambdaBasicExecutionRole",
        "AWSLambdaDynamoDBExecutionRole",
        "AWSLambdaKinesisExecutionRole",
        "AWSLambdaRole",
        "AWSLambdaSQSQueueExecutionRole",
        "AWSLambdaVPCAccessExecutionRole",
    ),
}


def _errors(messages: list[str], places: Places) -> TemplateError:
    errors = []
    for message in messages:
        named = _NAMED_ID.search(message)
        path = ("Resources", named[1]) if named else ()
        errors.append(places.error(message, path))
    return errors[0] if len(errors) == 1 else TemplateError("\n".join(map(str, errors)))
