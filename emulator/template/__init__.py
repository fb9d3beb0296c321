"""Templates: AWS SAM and CloudFormation, read into an ``Application``."""

from emulator.template.loading import load_application

__all__ = ["load_application"]
