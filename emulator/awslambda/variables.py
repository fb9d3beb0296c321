"""The environment variables of an execution environment: Lambda's and the template's.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
Nothing of the host's environment is among them. Paths are those of this machine: the code's own
folder where Lambda has ``/var/task``, the layers' where it has ``/opt``.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from emulator.application import Function
    from emulator.awslambda.runtimes import Runtime
    from emulator.credentials import Credentials


@dataclass(frozen=True, slots=True, kw_only=True)
class Folders:
    """Where an environment finds what it needs.

    Args:
        layers: what ``/opt`` would be made of, the layer that wins first.
        runtime: what ``/var/runtime`` would be.
        temporary: what ``/tmp`` would be.
    """

    task_root: Path
    layers: tuple[Path, ...]
    runtime: Path
    temporary: Path


def environment_variables(
    function: Function,
    runtime: Runtime,
    folders: Folders,
    *,
    credentials: Credentials,
    region: str,
    endpoint_url: str,
    log_stream: str,
    version: str = "$LATEST",
) -> dict[str, str]:
    """Give every variable that the function sees.

    The template may set what Lambda does not reserve, ``TZ`` or ``PATH`` for example.
    ``AWS_ENDPOINT_URL`` is the emulator's: it leads to the emulated services.
    """
    logging = function.logging
    variables = {
        **_unreserved(runtime, folders),
        **dict(function.environment),
        "_HANDLER": function.handler,
        "AWS_ACCESS_KEY_ID": credentials.access_key_id,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_access_key,
        "AWS_SESSION_TOKEN": credentials.session_token or "",
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": version,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_size_mb),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": logging.log_group or f"/aws/lambda/{function.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": log_stream,
        # Python's runtime client speaks to the emulator by a socket instead.
        "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001",
        "LAMBDA_TASK_ROOT": str(folders.task_root),
        "LAMBDA_RUNTIME_DIR": str(folders.runtime),
        "PWD": str(folders.task_root),
        "TMPDIR": str(folders.temporary),
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_EC2_METADATA_DISABLED": "true",  # there is no such machine to ask
    }
    if runtime.family != "provided":
        variables["AWS_EXECUTION_ENV"] = f"AWS_Lambda_{runtime.name}"
    if logging.log_format == "JSON":
        variables["AWS_LAMBDA_LOG_FORMAT"] = "JSON"
        variables["AWS_LAMBDA_LOG_LEVEL"] = logging.application_log_level or "INFO"
    return variables


def _unreserved(runtime: Runtime, folders: Folders) -> dict[str, str]:
    """Give what the template may set otherwise."""
    task_root = str(folders.task_root)
    language = "" if runtime.family == "provided" else "/var/lang"
    libraries = [f"{language}/lib"] if language else []
    libraries += ["/lib64", "/usr/lib64", str(folders.runtime), f"{folders.runtime}/lib"]
    libraries += [task_root, f"{task_root}/lib", *_in_layers(folders, "lib")]
    programs = [f"{language}/bin"] if language else []
    programs += ["/usr/local/bin", "/usr/bin/", "/bin", *_in_layers(folders, "bin")]
    variables = {
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
        "AWS_XRAY_DAEMON_ADDRESS": "169.254.100.1:2000",
        "_AWS_XRAY_DAEMON_ADDRESS": "169.254.100.1",
        "_AWS_XRAY_DAEMON_PORT": "2000",
        "LANG": "en_US.UTF-8",
        "LD_LIBRARY_PATH": ":".join(libraries),
        "PATH": ":".join(programs),
        "SHLVL": "0",
        "TZ": ":UTC",
        # Without HOME, as on Lambda, an SDK asks the system for the user's home folder, and would
        # read the host's AWS profile there.
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    if runtime.family == "python":
        variables |= {"LC_CTYPE": "C.UTF-8", "PYTHONPATH": str(folders.runtime)}
    if runtime.family == "nodejs":
        modules = _in_layers(folders, f"nodejs/node{runtime.version}/node_modules")
        modules += _in_layers(folders, "nodejs/node_modules")
        modules += [f"{folders.runtime}/node_modules", str(folders.runtime), task_root]
        variables["NODE_PATH"] = ":".join(modules)
    return variables


def _in_layers(folders: Folders, place: str) -> list[str]:
    """Name a place of ``/opt`` in every layer, and in ``/opt``."""
    return [*(f"{layer}/{place}" for layer in folders.layers), f"/opt/{place}"]
