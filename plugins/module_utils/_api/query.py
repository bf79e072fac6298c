# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filter and sort: checked against the declarations, written in the grammar of the query service.

Private to this collection. Everything is refused before sending, with the valid names beside the wrong one.

Source: API.md section 1 "Query service" (operators, grouping, quoting), WIRE.md section 4 (what was seen to
work). AND is ``;``, OR is ``,``. Which of the two binds tighter is written nowhere, so a mixed expression is
always sent with parentheses.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Tuple, Union

from .entities._model import Field, Kind, Resource
from .errors import FilterError
from .wire import is_guid, to_utc

OPERATORS: Dict[str, str] = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_SYMBOLS = {symbol: word for word, symbol in OPERATORS.items()}
_EQUALITY_ONLY = (Kind.BOOL, Kind.UID)

_URN = re.compile(r"urn:[\w-]+:[\w-]+:\S+\Z")
_RELATIVE = re.compile(r"-([0-9]{1,9})([smhdw])\Z")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_BARE_TIME = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,7})?)?(?:Z|[+-]\d\d:?\d\d)?)?\Z", re.IGNORECASE | re.ASCII)
_TOKEN = re.compile(r'\s*(?:(?P<mark>[();,])|(?P<operator>==|!=|<=|>=|<|>|=)|(?P<quoted>"(?:[^"]|"")*")|(?P<bare>[^\s();,=!<>"]+))')

FilterOption = Union[None, str, Mapping[str, Any]]
Now = Callable[[], datetime]


@dataclass(frozen=True)
class Comparison:
    """One term of a filter, with the value in the form the server wants, and ``plain``, as it stands in records."""

    field: Field
    operator: str
    value: str
    plain: str = ""

    def __str__(self) -> str:
        return self.field.filter_name + OPERATORS[self.operator] + self.value


@dataclass(frozen=True)
class Group:
    """Terms joined by one operator, ``;`` for all of them, ``,`` for any of them."""

    joint: str
    terms: Tuple[Any, ...]

    def __str__(self) -> str:
        return self.joint.join("(%s)" % term if isinstance(term, Group) and len(term.terms) > 1 else str(term) for term in self.terms)


Expression = Union[Comparison, Group]


def all_of(terms: Iterable[Expression]) -> Optional[Expression]:
    """Join expressions with AND; None when there are none."""
    return _joined(";", tuple(terms))


def any_of(terms: Iterable[Expression]) -> Optional[Expression]:
    """Join expressions with OR; None when there are none."""
    return _joined(",", tuple(terms))


def _joined(joint: str, terms: Tuple[Expression, ...]) -> Optional[Expression]:
    if len(terms) < 2:
        return terms[0] if terms else None
    flat: List[Expression] = []
    for term in terms:
        flat.extend(term.terms if isinstance(term, Group) and term.joint == joint else (term,))
    return Group(joint, tuple(flat))


def utc_now() -> datetime:
    """Return the present moment with its zone; the clock that relative times count from."""
    return datetime.now(timezone.utc)


# ---------------------------------------------------------------------------------------------------------
# Names


def find_field(resource: Resource, name: str, in_hand: bool = False) -> Field:
    """Return the field that a filter or sort names, by record name or by the service's own word, in any case.

    With ``in_hand`` the records are compared here, by whatever they hold. Raises FilterError with the known names.
    """
    known = {field.name: field for field in (resource.fields_in_hand() if in_hand else resource.filter_fields())}
    by_word = {(field.filter_name or field.wire).lower(): field for field in known.values()}
    found = known.get(name.lower()) or by_word.get(name.lower())
    if found is None:
        raise FilterError(
            "%s cannot be filtered or sorted by %r.%s" % (resource.subject, name, nearest(name, known)),
            advice="Known fields: %s." % ", ".join(sorted(known)) if known else "This resource has no fields to filter by.",
        )
    return found


def nearest(name: str, known: Iterable[str]) -> str:
    """Return " Did you mean ...?" with the closest known names, or ""."""
    by_lower = {word.lower(): word for word in known}
    close = difflib.get_close_matches(name.lower(), list(by_lower), n=3, cutoff=0.5)
    return " Did you mean %s?" % " or ".join(by_lower[word] for word in close) if close else ""


# ---------------------------------------------------------------------------------------------------------
# Values


def compare(field: Field, operator: str, value: Any, now: Now = utc_now) -> Comparison:
    """Return a checked term. Raises FilterError for an operator or value that does not fit the field."""
    if operator not in OPERATORS:
        raise FilterError(
            "%r is not an operator for %s.%s" % (operator, field.name, nearest(operator, OPERATORS)), advice="Operators: %s." % ", ".join(OPERATORS)
        )
    if field.kind in _EQUALITY_ONLY and operator not in ("eq", "ne"):
        raise FilterError("%s is %s and can only be compared with eq or ne, not with %s." % (field.name, _KIND_WORDS[field.kind], operator))
    written = _VALUE_WRITERS[field.kind](field, value, now)
    plain = written[1:-1].replace('""', '"') if written.startswith('"') else written
    return Comparison(field, operator, written, plain)


def quoted(text: str) -> str:
    """Return the text in double quotes, quotes inside doubled (API.md section 1)."""
    return '"' + text.replace('"', '""') + '"'


def _refused(field: Field, value: Any, wanted: str) -> FilterError:
    return FilterError("%r is not a value for %s." % (value, field.name), advice="It takes %s." % wanted)


def _write_text(field: Field, value: Any, now: Now) -> str:
    if value is None or isinstance(value, (dict, list, tuple)):
        raise _refused(field, value, "a text")
    return quoted(str(value))


def _write_number(field: Field, value: Any, now: Now) -> str:
    text = str(value).strip()
    if isinstance(value, bool) or not re.match(r"-?[0-9]+\Z", text):
        raise _refused(field, value, "a whole number" + (" of bytes" if field.kind == Kind.SIZE else ""))
    return text


def _write_decimal(field: Field, value: Any, now: Now) -> str:
    text = str(value).strip()
    if isinstance(value, bool) or not re.match(r"-?[0-9]+(\.[0-9]+)?\Z", text):
        raise _refused(field, value, "a number")
    return text


def _write_flag(field: Field, value: Any, now: Now) -> str:
    word = str(value).strip().lower()
    if word not in ("true", "false", "yes", "no"):
        raise _refused(field, value, "true or false")
    return "True" if word in ("true", "yes") else "False"


def _write_word(field: Field, value: Any, now: Now) -> str:
    by_lower = {word.lower(): word for word in field.values}
    # A null is a variable without value, not the result None of a run that goes on.
    word = by_lower.get(str(value).strip().lower()) if value is not None else None
    if word is None:
        raise FilterError(
            "%r is not a value for %s.%s" % (value, field.name, nearest(str(value), field.values)), advice="It takes one of: %s." % ", ".join(field.values)
        )
    return word


def _write_urn(field: Field, value: Any, now: Now) -> str:
    text = str(value).strip()
    if not _URN.match(text) and not is_guid(text):
        raise _refused(field, value, "a URN such as urn:veeam:TYPE:GUID, or a bare GUID")
    return quoted(text)


def _write_time(field: Field, value: Any, now: Now) -> str:
    return quoted(utc_stamp(value, field.name, now))


def utc_stamp(value: Any, name: str, now: Now = utc_now) -> str:
    """Return a time in UTC with Z from ISO 8601 text (no zone means UTC), a date, or an age such as -24h or -7d.

    Raises FilterError naming the option or field when it is none of these.
    """
    if isinstance(value, date):  # YAML makes dates and date-times of bare values; a datetime is a date too
        value = value.isoformat()
    text = str(value).strip()
    age = _RELATIVE.match(text)
    if age:
        stamp = _stamp_of_age(int(age.group(1)), _UNITS[age.group(2)], now)
    else:
        stamp = _checked_stamp(text.upper().replace(" ", "T")) if _BARE_TIME.match(text) else None
    if stamp is None:
        raise FilterError(
            "%r is not a time for %s." % (value, name),
            advice="It takes ISO 8601 such as 2026-11-01, 2026-11-01T06:00:00Z or 2026-11-01T07:00:00+01:00, or an age such as -24h or -7d.",
        )
    return stamp


def _stamp_of_age(count: int, unit: str, now: Now) -> Optional[str]:
    try:
        moment = now().astimezone(timezone.utc) - timedelta(**{unit: count})
    except OverflowError:
        return None
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _checked_stamp(text: str) -> Optional[str]:
    day, _separator, rest = text.partition("T")
    match = re.match(r"(\d\d:\d\d)(:\d\d)?(\.\d+)?(Z|[+-]\d\d:?\d\d)?\Z", rest or "00:00:00")
    if match is None:
        return None
    clock, seconds, fraction, zone = match.groups()
    zone = zone or "Z"
    zone = zone if zone == "Z" or ":" in zone else zone[:3] + ":" + zone[3:]
    try:
        datetime.strptime(day + clock + (seconds or ":00"), "%Y-%m-%d%H:%M:%S")
        return to_utc(day + "T" + clock + (seconds or ":00") + (fraction or "") + zone)
    except (ValueError, OverflowError):
        return None


_VALUE_WRITERS: Dict[str, Callable[[Field, Any, Now], str]] = {
    Kind.STRING: _write_text,
    Kind.INT: _write_number,
    Kind.SIZE: _write_number,
    Kind.DECIMAL: _write_decimal,
    Kind.BOOL: _write_flag,
    Kind.ENUM: _write_word,
    Kind.UID: _write_urn,
    Kind.DATETIME: _write_time,
    Kind.SCHEDULE_TIME: _write_text,
}
_KIND_WORDS = {Kind.BOOL: "true or false", Kind.UID: "an identifier"}


# ---------------------------------------------------------------------------------------------------------
# The two forms of the option


def filter_expression(resource: Resource, option: FilterOption, now: Now = utc_now, in_hand: bool = False) -> Optional[Expression]:
    """Return the checked expression of the option ``filter``: a mapping, raw text, or nothing.

    ``in_hand`` says that records are compared here and not by the service. Raises FilterError.
    """
    if option is None or option == "" or option == {}:
        return None
    if isinstance(option, str):
        return _TextReader(resource, option, now, in_hand).read()
    if isinstance(option, Mapping):
        return all_of(_terms_of_mapping(resource, option, now, in_hand))
    raise FilterError("The filter is %s." % type(option).__name__, advice="It takes a mapping such as {result: Failed}, or text such as 'Result==Failed'.")


def _terms_of_mapping(resource: Resource, option: Mapping[str, Any], now: Now, in_hand: bool) -> List[Expression]:
    terms: List[Expression] = []
    for name, wanted in option.items():
        field = find_field(resource, str(name), in_hand)
        operators = wanted if isinstance(wanted, Mapping) else {"eq": wanted}
        if not operators:
            raise FilterError("The filter on %s is empty." % field.name, advice="Give a value, a list of values, or operators: %s." % ", ".join(OPERATORS))
        for operator, value in operators.items():
            values = list(value) if isinstance(value, (list, tuple)) else [value]
            if not values:
                raise FilterError(
                    "The filter on %s has an empty list, which nothing can match." % field.name, advice="Leave the field out, or name the values."
                )
            if len(values) > 1 and operator not in ("eq", "ne"):
                raise FilterError("A list fits eq (any of) and ne (none of), not %s." % operator)
            compared = [compare(field, str(operator), one, now) for one in values]
            joined = all_of(compared) if operator == "ne" else any_of(compared)
            if joined is not None:
                terms.append(joined)
    return terms


class _TextReader:
    """Reads raw text by the service's grammar, AND before OR, and gives it back checked and parenthesised."""

    def __init__(self, resource: Resource, text: str, now: Now, in_hand: bool) -> None:
        self.resource = resource
        self.in_hand = in_hand
        self.text = text
        self.now = now
        self.tokens = self._split(text)
        self.position = 0

    def _split(self, text: str) -> List[Tuple[str, str]]:
        tokens: List[Tuple[str, str]] = []
        position = 0
        while text[position:].strip():
            match = _TOKEN.match(text, position)
            if match is None:
                raise self._wrong("cannot be read from %r on" % text[position : position + 20].strip())
            tokens.append((str(match.lastgroup), match.group(str(match.lastgroup))))
            position = match.end()
        return tokens

    def _wrong(self, what: str) -> FilterError:
        if self.text.lstrip().startswith("{"):
            advice = "A filter that is a mapping is given as a mapping and not as a text that looks like one."
        else:
            advice = 'Write FIELD==VALUE joined by ; (and) or , (or), other than plain words in double quotes: Result==Failed;JobName=="SQL Backup".'
        return FilterError("The filter %r %s." % (self.text, what), advice=advice)

    def _next(self) -> Tuple[str, str]:
        token = self.tokens[self.position] if self.position < len(self.tokens) else ("end", "")
        self.position += 1
        return token

    def _next_is(self, mark: str) -> bool:
        if self.position < len(self.tokens) and self.tokens[self.position] == ("mark", mark):
            self.position += 1
            return True
        return False

    def read(self) -> Expression:
        expression = self._any(0)
        if self.position < len(self.tokens):
            raise self._wrong("goes on with %r after its end" % self.tokens[self.position][1])
        return expression

    def _any(self, depth: int) -> Expression:
        if depth > 50:
            raise self._wrong("has more than 50 levels of parentheses")
        terms = [self._all(depth)]
        while self._next_is(","):
            terms.append(self._all(depth))
        return any_of(terms)  # type: ignore[return-value]

    def _all(self, depth: int) -> Expression:
        terms = [self._term(depth)]
        while self._next_is(";"):
            terms.append(self._term(depth))
        return all_of(terms)  # type: ignore[return-value]

    def _term(self, depth: int) -> Expression:
        if self._next_is("("):
            inner = self._any(depth + 1)
            if not self._next_is(")"):
                raise self._wrong("lacks a closing parenthesis")
            return inner
        kind, name = self._next()
        if kind != "bare":
            raise self._wrong("has %s where a field should stand" % (repr(name) if name else "its end"))
        operator_kind, symbol = self._next()
        if operator_kind != "operator" or symbol not in _SYMBOLS:
            raise self._wrong("has %s after %s where one of %s should stand" % (repr(symbol) if symbol else "its end", name, " ".join(_SYMBOLS)))
        value_kind, value = self._next()
        if value_kind not in ("bare", "quoted"):
            raise self._wrong("has no value after %s%s" % (name, symbol))
        if value_kind == "quoted":
            value = value[1:-1].replace('""', '"')
        elif self.position < len(self.tokens) and self.tokens[self.position][0] == "bare":
            raise self._wrong(
                "has a value with a blank, %r; the service would drop the blank: put the value in double quotes" % (value + " " + self.tokens[self.position][1])
            )
        return compare(find_field(self.resource, name, self.in_hand), _SYMBOLS[symbol], value, self.now)


def sort_parameters(resource: Resource, sort: str) -> Dict[str, str]:
    """Return the sort parameter: ``creation_time`` ascending, ``-creation_time`` descending, "" for the default.

    Raises FilterError for an unknown field.
    """
    wanted = sort or resource.default_sort
    if not wanted:
        return {}
    field = find_field(resource, wanted.lstrip("-"))
    return {"sortDesc" if wanted.startswith("-") else "sortAsc": field.filter_name}
