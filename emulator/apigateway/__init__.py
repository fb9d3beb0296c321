"""API Gateway: REST APIs in front of functions, one path of ordered stages.

``create_app`` is the entrance; ``gateway`` explains the path.
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-rest-api.html
"""

from emulator.apigateway.app import create_app

__all__ = ["create_app"]
