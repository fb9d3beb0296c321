"""CloudFormation resources as parts of an ``Application``: one module for each service."""
