"""The private names of moto that are replaced or read: a new version must still have them."""

import inspect

from moto.core.base_backend import BackendDict
from moto.core.model_instances import reset_model_data
from moto.events.models import EventsBackend, Rule, events_backends
from moto.moto_server.werkzeug_app import create_backend_app
from moto.sns.models import Subscription
from moto.sts.models import STSBackend, sts_backends
from werkzeug.test import EnvironBuilder, run_wsgi_app

from emulator.moto_services import MotoServices


def parameters(function):
    """List the names of a function's parameters."""
    return list(inspect.signature(function).parameters)


def test_cors_is_off():
    """No service reflects an origin, whoever has loaded moto before."""
    services = MotoServices(region="us-east-1", account_id="123456789012")
    environ = EnvironBuilder(
        method="POST",
        headers={"Origin": "http://evil.example"},
        data={"Action": "GetCallerIdentity", "Version": "2011-06-15"},
    ).get_environ()
    _, status, headers = run_wsgi_app(services.find("sts"), environ)

    assert (status, headers.get("Access-Control-Allow-Origin")) == ("200 OK", None)


def test_eventbridge():
    """``event_bus`` replaces ``put_events``, and reads buses, rules and targets."""
    rule = Rule("r", "1", "us-east-1", None, '{"source": ["a"]}', None, None, "default", None)

    assert parameters(EventsBackend.put_events)[1:] == ["events"]
    assert (rule.event_pattern.dump(), rule.state, rule.targets) == (
        '{"source": ["a"]}',
        "ENABLED",
        [],
    )
    assert "default" in events_backends["123456789012"]["us-east-1"].event_buses


def test_sns():
    """``topics`` wraps ``publish``."""
    expected = ["self", "message", "message_id", "subject", "message_attributes"]
    original = getattr(Subscription, "emulator_publish", Subscription.publish)

    assert parameters(original)[:5] == expected
    assert "_filter_policy_matcher" in inspect.getsource(original)


def test_sts():
    """``caller_identity`` wraps ``get_caller_identity``, and knows its ARN of an unknown key."""
    original = getattr(STSBackend, "emulator_get_caller_identity", STSBackend.get_caller_identity)
    backend = sts_backends["123456789012"]["aws"]

    assert original(backend, "unknown", "us-east-1") == (
        "AKIAIOSFODNN7EXAMPLE",
        "arn:aws:sts::123456789012:user/moto",
        "123456789012",
    )


def test_applications_and_reset():
    """``moto_services`` makes one application for each service, and empties all backends."""
    assert parameters(create_backend_app) == ["service"]
    assert "if not DISABLE_GLOBAL_CORS:" in inspect.getsource(create_backend_app)
    assert parameters(BackendDict.reset) == []
    assert parameters(reset_model_data) == []
