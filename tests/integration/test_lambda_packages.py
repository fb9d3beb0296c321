"""Where a function's code and libraries come from: folders, archives, builds, layers, requirements.

https://docs.aws.amazon.com/lambda/latest/dg/python-package.html
https://docs.aws.amazon.com/lambda/latest/dg/python-layers.html
"""

import os
import sys
import threading
import zipfile

import pytest
from fakes import eventually
from lambda_functions import Functions, needs_node

from emulator.errors import ServiceError

PYTHON = f"python3.{sys.version_info.minor}"
WHO = "def handler(event, context):\n    return {answer!r}\n"
IMPORTS = """
    import importlib
    def handler(names, context):
        return [importlib.import_module(name).WHO for name in names]
"""


@pytest.fixture
def functions(tmp_path):
    made = Functions(tmp_path)
    yield made
    made.stop()


def write_wheel(file, name, content):
    """Write the least that pip and uv take for a wheel of one module."""
    metadata = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(file / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}.py", content)
        wheel.writestr(
            f"{metadata}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
        )
        wheel.writestr(
            f"{metadata}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{metadata}/RECORD", "")


@pytest.fixture
def requiring(functions):
    """A function that requires a package from a folder of wheels."""
    functions.write("code/app.py", IMPORTS)
    functions.write("code/requirements.txt", "--no-index\n--find-links wheels\nmine==1.0\n")
    (functions.folder / "code" / "wheels").mkdir()
    write_wheel(functions.folder / "code" / "wheels", "mine", "WHO = 'installed'\n")
    functions.add("f", PYTHON, "app.handler")
    return functions


def test_requirements(requiring):
    """What requirements.txt names is installed once, with progress, and found beside the code."""
    requiring.start()

    assert requiring.answer("f", ["mine"]) == ["installed"]
    first, second = [m for m in requiring.log.messages() if "requirements.txt" in m]
    assert first.startswith("installing its requirements.txt with ")
    assert second.startswith("requirements.txt is installed (")
    requiring.service.reset()
    assert requiring.answer("f", ["mine"]) == ["installed"]
    assert len([m for m in requiring.log.messages() if "requirements.txt" in m]) == 2


def test_requirements_of_a_layer(functions):
    """A layer that ``sam build`` would make of a requirements.txt is installed, too."""
    functions.write("code/app.py", IMPORTS)
    functions.write("layer/beside.py", "WHO = 'layer'\n")
    functions.write("layer/requirements.txt", "--no-index\n--find-links .\nmine==1.0\n")
    write_wheel(functions.folder / "layer", "mine", "WHO = 'installed'\n")
    functions.add("f", PYTHON, "app.handler", layers=(functions.folder / "layer",))
    functions.start()

    assert functions.answer("f", ["mine", "beside"]) == ["installed", "layer"]


def test_requirements_are_shared(requiring, tmp_path):
    """Two emulators that start at the same time install once; the cache outlives them."""
    other = Functions(tmp_path / "other")
    other.add("f", PYTHON, "app.handler", code=requiring.folder / "code")
    cache = tmp_path / "cache"
    starting = [
        threading.Thread(target=functions.start, kwargs={"cache_directory": cache})
        for functions in (requiring, other)
    ]
    for thread in starting:
        thread.start()
    for thread in starting:
        thread.join()
    try:
        assert requiring.answer("f", ["mine"]) == other.answer("f", ["mine"]) == ["installed"]
    finally:
        other.stop()
    told = [*requiring.log.messages(), *other.log.messages()]
    assert len([message for message in told if message.startswith("installing")]) == 1
    assert [entry.name for entry in (cache / "requirements").iterdir() if entry.is_dir()]


def test_requirements_that_fail(functions):
    """A function whose requirements cannot be installed answers 502 and why; the others run."""
    functions.write("code/app.py", "def handler(event, context):\n    return 1\n")
    functions.write("code/requirements.txt", "--no-index\nno-such-package-anywhere\n")
    functions.write("other/app.py", "def handler(event, context):\n    return 2\n")
    functions.add("f", PYTHON, "app.handler")
    functions.add("g", PYTHON, "app.handler", code="other")
    functions.start()

    assert functions.answer("g") == 2
    with pytest.raises(ServiceError) as refused:
        functions.run("f")
    assert (refused.value.code, refused.value.status) == ("InvalidRuntimeException", 502)
    assert refused.value.message.startswith(
        "f cannot run: its requirements.txt cannot be installed: "
    )
    assert "no-such-package-anywhere" in refused.value.message
    functions.write("code/requirements.txt", "# nothing any more\n")
    assert functions.answer("f") == 1


def test_requirements_of_the_runtime(functions):
    """What Lambda's runtime has anyway is not installed."""
    functions.write("code/app.py", "import boto3\ndef handler(event, context):\n    return 1\n")
    functions.write("code/requirements.txt", "--no-index\nboto3\n".replace("--no-index\n", ""))
    functions.add("f", PYTHON, "app.handler")
    functions.start()

    assert functions.answer("f") == 1
    assert not [m for m in functions.log.messages() if "requirements.txt" in m]


def test_vendored_code_and_layers(functions):
    """The code comes first, then what it requires, then the layers, the last one first."""
    functions.write("code/app.py", IMPORTS)
    functions.write("code/first.py", "WHO = 'code'")
    for place, name in (
        ("one/python", "first"),
        ("one/python", "second"),
        ("one/python", "third"),
        (f"one/python/lib/{PYTHON}/site-packages", "fourth"),
        ("two/python", "third"),
        ("two/python", "fourth"),
    ):
        functions.write(f"{place}/{name}.py", f"WHO = {place.partition('/')[0]!r}")
    layers = (functions.folder / "one", functions.folder / "two")
    functions.add("f", PYTHON, "app.handler", layers=layers)
    functions.start()

    # As on Lambda, site-packages of any layer come before the python folder of any.
    assert functions.answer("f", ["first", "second", "third", "fourth"]) == [
        *("code", "one", "two", "one")
    ]


def test_python_path(functions):
    """The template's PYTHONPATH is searched; its places of Lambda are those of this machine."""
    functions.write("code/app.py", IMPORTS)
    functions.write("code/lib/inside.py", "WHO = 'code'")
    functions.write("layer/own/outside.py", "WHO = 'layer'")
    functions.add(
        "f",
        PYTHON,
        "app.handler",
        layers=(functions.folder / "layer",),
        environment=(("PYTHONPATH", "/var/runtime:/var/task/lib:/opt/own"),),
    )
    functions.start()

    assert functions.answer("f", ["inside", "outside"]) == ["code", "layer"]


@pytest.mark.parametrize("place", ["code", "layer/python"])
def test_own_boto3(functions, place):
    """Code or a layer that brings its own boto3 gets that one, not the one that is preloaded."""
    functions.write("code/app.py", "import boto3\ndef handler(event, context):\n"
                    "    return getattr(boto3, 'WHO', None)\n")  # fmt: skip
    functions.write("plain/app.py", "import boto3\ndef handler(event, context):\n"
                    "    return getattr(boto3, 'WHO', None)\n")  # fmt: skip
    functions.write(f"{place}/boto3/__init__.py", "WHO = 'own'\n")
    layers = (functions.folder / "layer",) if place != "code" else ()
    functions.add("own", PYTHON, "app.handler", layers=layers)
    functions.add("plain", PYTHON, "app.handler", code="plain")
    functions.start()

    assert functions.answer("own") == "own"
    assert functions.answer("plain") is None


def test_archive(functions):
    """An archive is unpacked, with its permissions, and anew when it has changed."""
    archive = functions.folder / "code.zip"

    def pack(answer):
        with zipfile.ZipFile(archive, "w") as packed:
            packed.writestr("app.py", WHO.format(answer=answer))
            member = zipfile.ZipInfo("run.sh")
            member.external_attr = 0o755 << 16
            packed.writestr(member, "#!/bin/sh\n")

    pack("first")
    functions.add("f", PYTHON, "app.handler", code="code.zip")
    functions.start()
    assert functions.answer("f") == "first"
    script = next((functions.folder / "lambda" / "unpacked").glob("*/run.sh"))
    assert os.access(script, os.X_OK)
    pack("second, and longer")
    assert eventually(lambda: functions.answer("f") == "second, and longer")


def test_build(functions):
    """What ``sam build`` has made is used while it is newer than the source."""
    source = functions.write("code/app.py", WHO.format(answer="source"))
    os.utime(source, (1, 1))
    functions.write(".aws-sam/build/f/app.py", WHO.format(answer="built"))
    functions.write(".aws-sam/build/template.yaml", "Resources: {}\n")
    build = functions.folder / ".aws-sam" / "build" / "f"
    functions.add("f", PYTHON, "app.handler", build_folder=build)
    functions.start()

    assert functions.answer("f") == "built"
    later = build.stat().st_mtime + 60
    source.write_text(WHO.format(answer="edited"))
    os.utime(source, (later, later))
    assert eventually(lambda: functions.answer("f") == "edited")


@needs_node
def test_node_layers_and_reload(functions):
    """Node.js functions find their layers' modules, and see an edit at the next invocation."""
    functions.write("layer/nodejs/node_modules/mine/index.js", "exports.who = 'layer';")
    file = functions.write(
        "code/index.js", "exports.handler = async () => require('mine').who + ' 1';"
    )
    functions.add("f", "nodejs20.x", "index.handler", layers=(functions.folder / "layer",))
    functions.start()

    assert functions.answer("f") == "layer 1"
    file.write_text("exports.handler = async () => require('mine').who + ' 2';")
    assert functions.answer("f") == "layer 2"


@needs_node
@pytest.mark.parametrize("name", ["index.js", "index.mjs"])
def test_node_sdk(functions, name):
    """The AWS SDK is there without being in the package, for modules of both kinds."""
    functions.write("code/index.js", """
        const { S3Client } = require("@aws-sdk/client-s3");
        exports.handler = async () => typeof S3Client;
    """)  # fmt: skip
    functions.write("code/index.mjs", """
        import { S3Client } from "@aws-sdk/client-s3";
        export const handler = async () => typeof S3Client;
    """)  # fmt: skip
    (functions.folder / "code" / ({"index.js", "index.mjs"} - {name}).pop()).unlink()
    functions.add("f", "nodejs20.x", "index.handler")
    functions.start()

    assert functions.answer("f") == "function"
