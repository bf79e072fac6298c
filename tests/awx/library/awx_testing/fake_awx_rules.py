# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules of AWX 24 for what is data in itself: credential types, inputs, surveys, what a launch hands over.

Told from ``awx/main/fields.py``, ``awx/api/views`` (JobTemplateSurveySpec) and ``awx/main/models/mixins.py`` (SurveyJobTemplateMixin) of AWX, in
words of our own. Each function returns what AWX would answer, and nothing where all is well.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jsonschema import Draft4Validator  # type: ignore[import-untyped]

_TEXT = {"type": "string"}
_FIELD = {
    "type": "object",
    "properties": {
        "type": {"enum": ["string", "boolean"]},
        "format": {"enum": ["ssh_private_key", "url"]},
        "choices": {"type": "array", "minItems": 1, "items": _TEXT, "uniqueItems": True},
        "id": {"type": "string", "pattern": "^[a-zA-Z_]+[a-zA-Z0-9_]*$"},
        **dict.fromkeys(("label", "help_text"), _TEXT),
        **{name: {"type": "boolean"} for name in ("multiline", "secret", "ask_at_runtime")},
        "default": {},
    },
    "additionalProperties": False,
    "required": ["id", "label"],
}
_INPUTS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"required": {"type": "array", "items": _TEXT}, "fields": {"type": "array", "items": _FIELD}},
}
_INJECTORS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "file": {"type": "object", "patternProperties": {r"^template(\.[a-zA-Z_]+[a-zA-Z0-9_]*)?$": _TEXT}, "additionalProperties": False},
        "env": {
            "type": "object",
            "patternProperties": {"^[a-zA-Z_]+[a-zA-Z0-9_]*$": {"type": "string", "pattern": "^[\x00-\x7f]*$"}},
            "additionalProperties": False,
        },
        "extra_vars": {"type": "object"},
    },
}
_ANSWERS: Mapping[str, Any] = {
    **dict.fromkeys(("text", "textarea", "password", "multiplechoice", "multiselect"), str),
    "integer": int,
    "float": (float, int),
}
_EVERY_QUESTION = {"type": str, "question_name": str, "variable": str, "required": bool}


def check_credential_type(target: Mapping[str, Any]) -> dict[str, Any]:
    """Return why a credential type is not taken: its kind, the form of its fields, its injectors and what they refer to."""
    if target["kind"] not in ("cloud", "net"):
        return {"kind": [f"Must be 'cloud' or 'net', not {target['kind']}"]}
    for name, schema in (("inputs", _INPUTS), ("injectors", _INJECTORS)):
        problem = next(Draft4Validator(schema).iter_errors(target[name]), None)
        if problem:
            return {name: [problem.message]}
    fields = target["inputs"].get("fields", [])
    for declared in fields:
        declared.setdefault("type", "string")
        if declared["type"] != "string" and set(declared) & {"choices", "multiline", "format", "secret"}:
            return {"inputs": [f"not allowed for {declared['type']} type ({declared['id']})"]}
        if "default" in declared and not isinstance(declared["default"], str if declared["type"] == "string" else bool):
            return {"inputs": [f"{declared['default']} is not a {declared['type']}"]}
    return _check_injectors(target["injectors"], [declared["id"] for declared in fields])


def _check_injectors(injectors: Mapping[str, Mapping[str, str]], names: list[str]) -> dict[str, Any]:
    sandbox = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
    tower = {"filename": "EXAMPLE_FILENAME"} if "template" in injectors.get("file", {}) else {}
    known = {**dict.fromkeys(names, "EXAMPLE"), "tower": tower}
    for kind, templates in injectors.items():
        for key, template in templates.items():
            if kind == "env" and key.startswith("ANSIBLE_"):
                return {"injectors": [f"Environment variable {key} may affect Ansible configuration so its use is not allowed in credentials."]}
            try:
                sandbox.from_string(template).render(known)
            except TemplateError as problem:
                return {"injectors": [f"{key} uses an undefined field ({problem})"]}
    return {}


def check_credential_inputs(declared: Mapping[str, Any], inputs: dict[str, Any]) -> dict[str, Any]:
    """Return why the inputs of a credential are not taken. An empty one becomes what AWX makes of it: the first choice, or the empty value."""
    fields = {item["id"]: item for item in declared["inputs"].get("fields", [])}
    for name, value in inputs.items():
        if name not in fields:
            return {"inputs": [f"Additional properties are not allowed ('{name}' was unexpected)"]}
        choices = fields[name].get("choices")
        if not value:
            inputs[name] = choices[0] if choices else {"string": "", "boolean": False}[fields[name]["type"]]
        elif not isinstance(value, str if fields[name]["type"] == "string" else bool) or (choices and value not in choices):
            return {"inputs": {name: [f"{name} is not as the credential type wants it"]}}
    return {}


def check_survey(spec: Mapping[str, Any]) -> str:
    """Return why a survey is not taken."""
    for name, kind in (("name", str), ("description", str), ("spec", list)):
        if not isinstance(spec.get(name), kind):
            return f"Field '{name}' is missing from survey spec."
    if not spec["spec"]:
        return "'spec' doesn't contain any items."
    variables = [question.get("variable") for question in spec["spec"]]
    twice = {variable for variable in variables if variables.count(variable) > 1}
    if twice:
        return f"'variable' '{', '.join(sorted(map(str, twice)))}' duplicated in survey."
    return next((problem for problem in map(_question_problem, spec["spec"]) if problem), "")


def _question_problem(question: Mapping[str, Any]) -> str:
    for name, kind in _EVERY_QUESTION.items():
        if not isinstance(question.get(name), kind):
            return f"'{name}' in survey question {question.get('variable')} expected to be {kind.__name__}."
    kind, default = question["type"], question.get("default", "")
    if kind not in _ANSWERS:
        return f"'{kind}' is not one of the allowed question types."
    if default != "" and not isinstance(default, _ANSWERS[kind]):
        return f"Default value {default} in survey question {question['variable']} expected to be {kind}."
    for name in ("min", "max"):
        if question.get(name) is not None and (not isinstance(question[name], int) or isinstance(question[name], bool)):
            return f"The {name} limit in survey question {question['variable']} expected to be integer."
    if kind in ("multiplechoice", "multiselect"):
        if "choices" not in question:
            return f"Survey question {question['variable']} of type {kind} must specify choices."
        if any(item not in _choices(question) for item in str(default).splitlines()):
            return "Default choice must be answered from the choices listed."
    return ""


def _choices(question: Mapping[str, Any]) -> list[str]:
    choices = question["choices"]
    return [choice for choice in choices.splitlines() if choice.strip()] if isinstance(choices, str) else list(choices)


def answer_problem(question: Mapping[str, Any], answer: Any) -> str:
    """Return why AWX does not take an answer to a question of a survey."""
    kind, name = question["type"], question["variable"]
    if kind in ("multiplechoice", "multiselect"):
        answers = answer if kind == "multiselect" else [answer]
        wrong = [item for item in answers if item not in _choices(question)] if isinstance(answers, list) else [answer]
        return f"Value {wrong[0]} for '{name}' expected to be one of {_choices(question)}." if wrong else ""
    if not isinstance(answer, _ANSWERS[kind]) or isinstance(answer, bool):
        return f"Value {answer} for '{name}' expected to be a {kind}."
    size = len(answer) if isinstance(answer, str) else answer
    if question.get("min") is not None and size < question["min"]:
        return f"'{name}' value {answer} is too small (must be at least {question['min']})."
    if question.get("max") is not None and size > question["max"]:
        return f"'{name}' value {answer} is too large (must be no more than {question['max']})."
    return ""


def check_launch_values(survey: Mapping[str, Any], takes_all: bool, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return why a template does not take the values that a schedule or a node hands over."""
    questions = {question["variable"]: question for question in survey.get("spec", [])}
    unknown = sorted(set(values) - set(questions))
    if unknown and not takes_all:
        return {"extra_data": [f"Variables {', '.join(unknown)} are not allowed on launch. Check the Prompt on Launch setting."]}
    problems = [answer_problem(questions[name], value) for name, value in values.items() if name in questions]
    return {"variables_needed_to_start": [problem for problem in problems if problem]} if any(problems) else {}


def check_rrule(text: str) -> dict[str, Any]:
    """Return why a rule of repetition is not taken: AWX wants one beginning with its time zone, and an interval."""
    beginnings = re.findall(r"DTSTART(?:;TZID=[^:]+)?:\d{8}T\d{6}Z?", text)
    if len(beginnings) != 1:
        return {"rrule": ["A valid DTSTART is required in rrule. Value should start with: DTSTART:YYYYMMDDTHHMMSSZ"]}
    rules = re.findall(r"RRULE:(\S+)", text)
    parts = dict(part.split("=", 1) for part in rules[0].split(";") if "=" in part) if len(rules) == 1 else {}
    if "INTERVAL" not in parts:
        return {"rrule": ["INTERVAL required in rrule."]}
    if parts.get("FREQ") not in ("MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"):
        return {"rrule": [f"rrule parsing failed validation: {text}"]}
    return {}
