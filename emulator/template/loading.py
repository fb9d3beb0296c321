"""From a template to an ``Application``.

1. The template becomes plain CloudFormation (``translating``), or comes from the cache as such.
2. Parameters get their values; conditions decide what is created; CloudFormation's checks pass.
3. Each service's resources become parts of the application (``resources``), functions resolved.
4. What is not as on AWS is noted.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from emulator.application import Application, Output
from emulator.template.dependencies import check_circles, check_references
from emulator.template.intrinsics import Resolver
from emulator.template.names import Names, pseudo_parameters
from emulator.template.parameters import ParameterValue, read_parameters
from emulator.template.resources.buckets import read_buckets
from emulator.template.resources.created import CreatedResources
from emulator.template.resources.functions import read_functions
from emulator.template.resources.notes import Notes
from emulator.template.resources.other_services import read_other_services
from emulator.template.resources.properties import Properties
from emulator.template.resources.rest_apis import read_rest_apis
from emulator.template.resources.schedules import read_schedules
from emulator.template.resources.support import note_support
from emulator.template.resources.tables import read_tables
from emulator.template.resources.usage_plans import read_usage_plans
from emulator.template.rules import check_rules
from emulator.template.source import read_source
from emulator.template.translation import Request, Translation, TranslationCache

if TYPE_CHECKING:
    from pathlib import Path

    from emulator.application import Pairs


def load_application(
    template: Path,
    *,
    parameters: Pairs,
    region: str,
    account_id: str,
    cache_directory: Path | None = None,
) -> Application:
    """Read a template, SAM or CloudFormation.

    Args:
        template: file of the template; paths inside are relative to it.
        parameters: values for its parameters.
        region: ``AWS::Region``.
        account_id: ``AWS::AccountId``.
        cache_directory: keeps translations, which take a second; ``None`` keeps none.

    Raises:
        TemplateError: it cannot be run; names file, line and remedy.
    """
    request = Request(
        template=template,
        content=read_source(template),
        parameters=parameters,
        region=region,
        account_id=account_id,
        read=lambda file: file.read_bytes(),
    )
    return _Loading(request, _translation(request, TranslationCache(cache_directory))).load()


def _translation(request: Request, cache: TranslationCache) -> Translation:
    translation = cache.find(request)
    if translation is None:
        # It loads the YAML parser, which a cached translation does without.
        from emulator.template.translating import translate_template  # noqa: PLC0415

        translation = translate_template(request)
        cache.keep(request, translation)
    return translation


class _Loading:
    """The application of one translated template in the making."""

    def __init__(self, request: Request, translation: Translation) -> None:
        self._request = request
        self._template = translation.template
        self._places = translation.places
        self._included = translation.included
        self._notes = Notes()
        self._parameters, parameter_notes = read_parameters(
            self._template.get("Parameters"), request.parameters, self._places
        )
        for note in parameter_notes:
            self._notes.append(note)

    def load(self) -> Application:
        """Make the application."""
        values = {
            **pseudo_parameters(
                self._request.template, self._request.region, self._request.account_id
            ),
            **self._parameters,
        }
        known = frozenset((*values, *self._template["Resources"]))
        check_references(self._template, known, self._places)
        created: dict[str, Any] = {}
        names = Names(values, created, self._places)
        resolver = Resolver(
            names,
            self._places,
            region=self._request.region,
            mappings=self._template.get("Mappings") or {},
            conditions=self._template.get("Conditions") or {},
        )
        names.resolve_with(resolver.resolve)
        check_rules(self._template.get("Rules"), resolver, self._places, self._notes)
        created.update(self._created(resolver))
        check_circles(created, resolver.condition, self._places)
        resources = CreatedResources(created, names, resolver.resolve, self._places)
        return self._application(resources, self._outputs(resolver))

    def _created(self, resolver: Resolver) -> dict[str, Any]:
        """Leave out what a condition leaves out; all conditions are decided, as on AWS."""
        for name in self._template.get("Conditions") or {}:
            resolver.condition(name, ("Conditions", name))
        return {
            logical_id: resource
            for logical_id, resource in self._template["Resources"].items()
            if "Condition" not in resource
            or resolver.condition(resource["Condition"], ("Resources", logical_id, "Condition"))
        }

    def _application(self, resources: CreatedResources, outputs: tuple[Output, ...]) -> Application:
        functions = read_functions(resources, self._notes)
        names = frozenset(function.name for function in functions)
        application = Application(
            template=self._request.template,
            parameters=tuple((name, _text(value)) for name, value in self._parameters.items()),
            functions=functions,
            rest_apis=read_rest_apis(resources, self._notes),
            usage_plans=read_usage_plans(resources),
            buckets=read_buckets(resources, names, self._notes),
            tables=read_tables(resources, self._notes),
            schedules=read_schedules(resources, names, self._notes),
            other_services=read_other_services(resources, names, self._notes),
            outputs=outputs,
            watched_files=(self._request.template, *self._included),
        )
        self._refuse_equal_names(application)
        note_support(resources, self._notes)
        return replace(application, support_notes=self._notes.in_order())

    def _refuse_equal_names(self, application: Application) -> None:
        """Refuse two resources of one name, the second of which AWS would not create."""
        for group in (application.functions, application.buckets, application.tables):
            seen: dict[str, str] = {}
            for each in group:
                if each.name in seen:
                    raise self._places.error(
                        f"{each.name} already exists: {seen[each.name]} has this name, too",
                        ("Resources", each.logical_id),
                    )
                seen[each.name] = each.logical_id

    def _outputs(self, resolver: Resolver) -> tuple[Output, ...]:
        outputs = []
        for name, entry in (self._template.get("Outputs") or {}).items():
            path = ("Outputs", name)
            if not isinstance(entry, dict) or "Value" not in entry:
                raise self._places.error("Template format error: an output needs a Value", path)
            if "Condition" in entry and not resolver.condition(entry["Condition"], path):
                continue
            resolved = {
                key: resolver.resolve(entry[key], (*path, key))
                for key in ("Value", "Description")
                if key in entry
            }
            output = Properties(resolved, path, self._places)
            outputs.append(
                Output(
                    name=name,
                    value=output.text("Value"),
                    description=output.text("Description"),
                )
            )
        return tuple(outputs)


def _text(value: ParameterValue) -> str:
    return ",".join(value) if isinstance(value, list) else value
