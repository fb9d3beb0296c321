"""EventBridge: moto keeps buses and rules, events are matched and delivered here.

moto leaves out Lambda targets, disabled rules and the emulator's clock, and takes events from
reserved sources; its ``EventsBackend.put_events`` is replaced.
``tests/contract/test_moto_symbols.py`` pins the private names.
https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
"""

from __future__ import annotations

import json
import logging
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from emulator.errors import ServiceError
from emulator.events.event_pattern import matches_pattern, parse_pattern
from emulator.events.target_input import target_input
from emulator.message import Message

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulator.clock import Clock
    from emulator.events.targets import Targets
    from emulator.moto_services import MotoServices

_log = logging.getLogger(__name__)
_MOST_ENTRIES = 10
_REQUIRED = ("Source", "DetailType", "Detail")


class EventBridge:
    """The event buses of the account."""

    def __init__(self, services: MotoServices, targets: Targets, clock: Clock) -> None:
        self._services = services
        self._targets = targets
        self._clock = clock

    @property
    def account_id(self) -> str:
        """Tell whose buses these are."""
        return self._services.account_id

    def connect(self) -> None:
        """Take the place of moto's delivery; called when moto's EventBridge was loaded."""
        from moto.events.models import EventsBackend  # noqa: PLC0415 -- it was just loaded

        def put_events(backend: Any, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
            return self.put_events(backend, events)

        EventsBackend.put_events = put_events

    def put_events(self, backend: Any, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """``PutEvents``: each entry succeeds or fails on its own."""
        from moto.events.exceptions import ValidationException  # noqa: PLC0415

        if len(entries) > _MOST_ENTRIES:
            raise ValidationException(
                "1 validation error detected: Value '[PutEventsRequestEntry]' at 'entries' failed"
                " to satisfy constraint: Member must have length less than or equal to"
                f" {_MOST_ENTRIES}"
            )
        return [self._put(backend, entry) for entry in entries]

    def publish(self, source: str, detail_type: str, resources: list[str], detail: Any) -> None:
        """Put the event of an AWS service on the default event bus."""
        if not self._services.loaded("events"):
            return  # nobody can have made a rule
        from moto.events.models import events_backends  # noqa: PLC0415 -- loaded, as was asked

        backend = events_backends[self._services.account_id][self._services.region]
        entry = {"Source": source, "DetailType": detail_type, "Resources": resources}
        self._deliver(backend, "default", self._event(entry, detail))

    def _put(self, backend: Any, entry: dict[str, Any]) -> dict[str, Any]:
        for name in _REQUIRED:
            if not entry.get(name):
                reason = f"{name} is a required argument."
                message = f"Parameter {name} is not valid. Reason: {reason}"
                return {"ErrorCode": "InvalidArgument", "ErrorMessage": message}
        if entry["Source"].startswith("aws."):
            message = "Not authorized for the source."
            return {"ErrorCode": "NotAuthorizedForSourceException", "ErrorMessage": message}
        try:
            detail = json.loads(entry["Detail"])
        except (ValueError, RecursionError):
            detail = None
        if not isinstance(detail, dict):
            return {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}
        event = self._event(entry, detail)
        name = str(entry.get("EventBusName") or "default").rpartition("event-bus/")[2]
        self._deliver(backend, name, event)
        return {"EventId": event["id"]}

    def _event(self, entry: dict[str, Any], detail: Any) -> dict[str, Any]:
        given = entry.get("Time")
        moment = datetime.fromtimestamp(float(given), UTC) if given else self._clock.now()
        return {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": entry["DetailType"],
            "source": entry["Source"],
            "account": self._services.account_id,
            "time": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
            "region": self._services.region,
            "resources": list(entry.get("Resources") or ()),
            "detail": detail,
        }

    def _deliver(self, backend: Any, bus: str, event: dict[str, Any]) -> None:
        found = backend.event_buses.get(bus)
        for rule in list(found.rules.values()) if found else ():
            if rule.state == "ENABLED" and _asks_for(rule, event):
                self._send(rule.targets, event)

    def _send(self, targets: Iterable[dict[str, Any]], event: dict[str, Any]) -> None:
        for target in list(targets):
            source, detail_type = event["source"], event["detail-type"]
            message = Message(
                body=target_input(target, event),
                source="events",
                message_group_id=(target.get("SqsParameters") or {}).get("MessageGroupId"),
                event=(source, detail_type, tuple(event["resources"])),
            )
            if ":event-bus/" in target["Arn"]:
                detail = json.dumps(event["detail"]).encode()
                message = Message(body=detail, source="events", event=message.event)
            try:
                self._targets.send(target["Arn"], message)
            except ServiceError as error:
                # EventBridge drops what a target does not take, once its retries are used up.
                _log.warning("A rule cannot deliver to %s: %s", target["Arn"], error)


def _asks_for(rule: Any, event: dict[str, Any]) -> bool:
    text = rule.event_pattern.dump()
    if not text:
        return False  # a schedule, which waits for the time
    try:
        return matches_pattern(parse_pattern(text), event)
    except ServiceError as error:
        _log.warning("The rule %s asks for nothing: %s", rule.name, error)
        return False
