"""A Tavern protocol for AWS Lambda: ``lambda_request`` and ``lambda_response`` in a stage."""
