"""Mapping templates: the part of the Velocity Template Language that API Gateway templates use.

``parser`` reads a template into directives, references and expressions, which evaluate themselves
over a dictionary of variables; ``values`` and ``methods`` are what Java makes of the values.
Left out, and refused by name when a template is read: macros, ``#define``, ``#evaluate``,
``#include``, ``#parse`` and methods that are not in ``methods``.
https://docs.aws.amazon.com/apigateway/latest/developerguide/models-mappings.html
https://velocity.apache.org/engine/1.7/vtl-reference.html
"""

from emulator.apigateway.vtl.parser import parse_template
from emulator.apigateway.vtl.values import RenderingError

__all__ = ["RenderingError", "parse_template"]
