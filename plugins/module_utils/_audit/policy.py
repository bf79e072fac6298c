# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads a policy with all that it extends, and makes plain data of it and back. Private to this collection.

A policy is a stack of layers: what it extends, in order, then itself. Rules are merged key by key, and the later layer wins. Of classes and
repositories the first entry that fits counts, so those of a later layer come first. A layer that is reached twice stays where it came first.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple, TypeVar, Union

from .forms import Struct, form_of
from .model import CHECKS, Check
from .own_rules import OwnRule, check_of
from .policy_schema import (
    ALWAYS,
    ATTESTATIONS_FILE,
    FORMAT,
    OF_STATEMENTS,
    REPOSITORY_FACTS,
    SCOPE,
    SELECTOR,
    UNSEEN,
    WAIVERS_FILE,
    known_rules,
    plain,
    policy_form,
)
from .settings import Attestation, MachineClass, Policy, PolicyText, RepositoryFacts, Rule, Scope, Selector, Waiver
from .yaml_tree import Node, Problems, bytes_of_file, nearest, text_of_bytes, tree_of_data, tree_of_text

PACKS = Path(__file__).resolve().parents[3] / "extensions" / "audit" / "packs"

Source = Union[str, Path, Mapping[str, Any], Sequence[Any]]
_Item = TypeVar("_Item")

_SUFFIXES = (".yml", ".yaml")
_LARGEST_LIST = 16 * 1024 * 1024  # bytes; names of a hundred thousand machines fit
_INLINE = "policy"


@dataclass
class _Layer:
    """One file of a policy, read: the values under its keys, where they stand, and what it is called."""

    values: Dict[str, Any]
    tree: Node
    name: str
    folder: Path


def load_policy(source: Source, folder: Optional[Path] = None, packs: Path = PACKS) -> Policy:
    """Return the policy that a pack, a file, plain data, or a list of such makes; of a list the later wins.

    Args:
        source: a word is a pack; a text with a suffix or a slash, or a ``Path``, is a file; a mapping is a policy itself.
        folder: what relative paths in plain data are seen from; the present folder without it. Those in a file are seen from the file.
        packs: the folder of the packs.
    Raises: PolicyError with every mistake.
    """
    return _loaded(_Loader(packs), source, folder or Path())


def _loaded(loader: "_Loader", source: Source, folder: Path) -> Policy:
    sources = list(source) if isinstance(source, (list, tuple)) else [source]
    named = []
    for one in sources:
        loader.take(one, folder, None, ())
        named += loader.layers[-1:]
    if not sources:
        loader.problems.add(Node(None, _INLINE), "No policy is given.")
    loader.problems.raise_any()
    policy = _Making(loader).policy(", ".join(_name_of(one) for one in sources))
    loader.problems.raise_any()
    return replace(policy, name=" + ".join(dict.fromkeys(layer.values.get("name", layer.name) for layer in named)))


def load_waivers(source: Union[str, Path, Sequence[Any]], folder: Optional[Path] = None, own_rules: Iterable[str] = ()) -> Tuple[Waiver, ...]:
    """Return the waivers of a file, or of plain data. Args: own_rules: ids of rules of the policy's own. Raises: PolicyError."""
    return _load_list(source, folder, WAIVERS_FILE, "waivers", lambda reader, entry, node: reader.waiver(entry, node), own_rules)


def load_attestations(source: Union[str, Path, Sequence[Any]], folder: Optional[Path] = None, own_rules: Iterable[str] = ()) -> Tuple[Attestation, ...]:
    """Return the attestations of a file, or of plain data. Args: own_rules: ids of rules of the policy's own. Raises: PolicyError."""
    return _load_list(source, folder, ATTESTATIONS_FILE, "attestations", lambda reader, entry, node: reader.attestation(entry, node), own_rules)


def _load_list(
    source: Union[str, Path, Sequence[Any]],
    folder: Optional[Path],
    form: Struct,
    key: str,
    make: Callable[["_Statements", Dict[str, Any], Node], _Item],
    own_rules: Iterable[str],
) -> Tuple[_Item, ...]:
    problems = Problems()
    base = folder or Path()
    if isinstance(source, (str, Path)):
        found = _statements_of_file(base / source, None, form, problems)
        base = (base / source).parent
    else:
        tree = tree_of_data({key: list(source)}, key, problems)
        found = None if tree is None else (form.read(tree, problems), tree)
    problems.raise_any()
    values, tree = found  # type: ignore[misc]  # nothing is missing where no problem was noted
    reader = _Statements(problems, known_rules(own_rules), base)
    made = tuple(make(reader, entry, node) for entry, node in zip(values[key], tree.value[key].value))
    problems.raise_any()
    return made


def _statements_of_file(path: Path, named_at: Optional[Node], form: Struct, problems: Problems) -> Optional[Tuple[Dict[str, Any], Node]]:
    content = bytes_of_file(path, problems, named_at)
    text = None if content is None else text_of_bytes(content, str(path), problems)
    tree = None if text is None else tree_of_text(text, str(path), problems)
    return None if tree is None else (form.read(tree, problems), tree)


def _name_of(source: Any) -> str:
    return _INLINE if isinstance(source, Mapping) else str(source)


def is_pack_name(source: str) -> bool:
    """Tell whether a text names a pack; otherwise it is a path."""
    return not source.endswith(_SUFFIXES) and "/" not in source and os.sep not in source


def pack_names(packs: Path = PACKS) -> Tuple[str, ...]:
    """Return the names of the packs that ship with the collection."""
    return tuple(sorted(path.stem for path in packs.glob("*.yml")))


_NAMING_FILES = ("extends", "asset_files", "waiver_files", "attestation_files")


class _Loader:
    """Reads layers with what they extend, the deepest first.

    ``alone`` is for a policy that came from elsewhere, such as an evidence pack: it must not name files of this machine.
    """

    def __init__(self, packs: Path, alone: bool = False) -> None:
        self.problems = Problems()
        self.layers: List[_Layer] = []
        self.texts: List[PolicyText] = []
        self.own_ids: Dict[str, None] = {}
        self.alone = alone
        self._packs = packs
        self._done: Dict[str, None] = {}

    def take(self, source: Any, folder: Path, named_at: Optional[Node], open_ones: Tuple[str, ...]) -> None:
        """Read one layer. Args: named_at: where another names it; open_ones: those that are being read, from the outermost in."""
        if isinstance(source, Mapping):
            tree = tree_of_data(source, _INLINE, self.problems)
            if tree is not None:
                self._take_text(_INLINE, json.dumps(_plain_tree(tree), sort_keys=True, ensure_ascii=False).encode("utf-8"))
                self._take_tree(tree, _INLINE, folder, open_ones)
            return
        if not isinstance(source, (str, Path)):
            self.problems.add(named_at or Node(None, _INLINE), "A policy is the name of a pack, a path or a mapping, not %r." % (source,))
            return
        path, name = self._place_of(source, folder, named_at)
        if path is None:
            return
        identity = os.path.realpath(path)
        if identity in open_ones:
            way = " -> ".join(Path(one).name for one in (*open_ones[open_ones.index(identity) :], identity))
            self.problems.add(named_at or Node(None, name), "The policies extend each other in a circle: %s." % way)
        elif identity not in self._done:
            self._done[identity] = None
            self._take_file(path, name, named_at, (*open_ones, identity))

    def _place_of(self, source: Union[str, Path], folder: Path, named_at: Optional[Node]) -> Tuple[Optional[Path], str]:
        if isinstance(source, Path) or not is_pack_name(source):
            return folder / source, str(source)
        if source in pack_names(self._packs):
            return self._packs / (source + _SUFFIXES[0]), source
        advice = nearest(source, pack_names(self._packs)) + (" Write ./%s for a file." % source if (folder / source).is_file() else "")
        self.problems.add(named_at or Node(None, _INLINE), "There is no pack %r.%s" % (source, advice))
        return None, source

    def _take_file(self, path: Path, name: str, named_at: Optional[Node], open_ones: Tuple[str, ...]) -> None:
        content = bytes_of_file(path, self.problems, named_at)
        text = None if content is None else self._take_text(path.name, content)
        tree = None if text is None else tree_of_text(text, str(path), self.problems)
        if tree is not None:
            self._take_tree(tree, name, path.parent, open_ones)

    def _take_text(self, name: str, content: bytes) -> Optional[str]:
        text = text_of_bytes(content, name, self.problems)
        if text is not None:
            self.texts.append(PolicyText(name, text, hashlib.sha256(content).hexdigest()))
        return text

    def _take_tree(self, tree: Node, name: str, folder: Path, open_ones: Tuple[str, ...]) -> None:
        members = tree.value if isinstance(tree.value, Mapping) else {}
        strangers = [key for key in _NAMING_FILES if self.alone and key in members]
        if strangers:
            self.problems.add(tree, "A policy of an evidence pack stands alone; this one has %s." % " and ".join(strangers))
            return
        extends = members.get("extends")
        if extends is not None:
            for node in extends.value if isinstance(extends.value, list) else [extends]:
                if isinstance(node.value, str):
                    self.take(node.value, folder, node, open_ones)
        values = policy_form().read(tree, self.problems)
        for rule in values.get("own_rules", ()):
            if isinstance(rule.get("id"), str):
                self.own_ids[rule["id"]] = None
        self._note_strangers(members)
        layer = _Layer(values, tree, name, folder)
        self._take_asset_files(layer)
        self.layers.append(layer)

    def _note_strangers(self, members: Mapping[str, Node]) -> None:
        rules = members.get("rules")
        if rules is not None and isinstance(rules.value, Mapping):
            for identity in rules.value:
                if "-" in identity and identity not in self.own_ids:
                    self.problems.add(rules, "There is no rule %r.%s" % (identity, nearest(identity, known_rules(self.own_ids))), identity)

    def _take_asset_files(self, layer: _Layer) -> None:
        names: List[str] = []
        for node in nodes_of(layer.tree, "asset_files"):
            if not isinstance(node.value, str):
                continue
            path = layer.folder / node.value
            content = bytes_of_file(path, self.problems, node, _LARGEST_LIST)
            text = None if content is None else self._take_text(path.name, content)
            lines = [line.partition("#")[0].strip() for line in (text or "").splitlines()]
            names.extend(filter(None, lines))
        layer.values["assets"] = [*layer.values.get("assets", ()), *names]

    def statements(self, key: str, files_key: str, form: Struct) -> List[Tuple[Dict[str, Any], Node, Path]]:
        """Return the waivers or attestations of all layers and of the files they name, with their places and folders."""
        found: List[Tuple[Dict[str, Any], Node, Path]] = []
        for layer in self.layers:
            found.extend((entry, node, layer.folder) for entry, node in zip(layer.values.get(key, ()), nodes_of(layer.tree, key)))
            for node in nodes_of(layer.tree, files_key):
                path = layer.folder / node.value
                content = bytes_of_file(path, self.problems, node)
                text = None if content is None else self._take_text(path.name, content)
                tree = None if text is None else tree_of_text(text, str(path), self.problems)
                if tree is not None:
                    before = len(self.problems.found)
                    values = form.read(tree, self.problems)
                    if len(self.problems.found) == before:
                        found.extend((entry, member, path.parent) for entry, member in zip(values[key], nodes_of(tree, key)))
        return found


def nodes_of(tree: Node, key: str) -> Sequence[Node]:
    """Return the members under a key of a mapping: those of a list, or the one that stands alone."""
    node = tree.value.get(key) if isinstance(tree.value, Mapping) else None
    if node is None:
        return ()
    return list(node.value) if isinstance(node.value, list) else [node]


def _plain_tree(node: Node) -> Any:
    if isinstance(node.value, Mapping):
        return {name: _plain_tree(member) for name, member in node.value.items()}
    return [_plain_tree(member) for member in node.value] if isinstance(node.value, list) else node.value


class _Statements:
    """Makes waivers and attestations of what was read. An id twice, and a rule that there is not, are noted.

    ``folder`` is where signatures lie; without it each is the signature itself, whatever it looks like.
    """

    def __init__(self, problems: Problems, rules: Sequence[str], folder: Optional[Path]) -> None:
        self._problems, self._rules, self.folder = problems, rules, folder
        self._ids: Dict[str, None] = {}

    def waiver(self, entry: Mapping[str, Any], node: Node) -> Waiver:
        """Return a waiver. Args: node: where it stands."""
        self._note(entry["id"], entry["rules"], node, "rules")
        return Waiver(**{**entry, "rules": tuple(entry["rules"]), "scope": selector_of(entry.get("scope"))})

    def attestation(self, entry: Mapping[str, Any], node: Node) -> Attestation:
        """Return an attestation with its signature read from beside it."""
        self._note(entry["id"], [entry["rule"]], node, "rule")
        signature = entry.get("signature", "")
        if signature and self.folder is not None and "-----BEGIN" not in signature:
            content = bytes_of_file(self.folder / signature, self._problems, node.value["signature"])
            signature = (text_of_bytes(content, signature, self._problems) or "") if content is not None else ""
        # A signer without a signature is one who has not signed yet: the text to sign holds the name.
        if signature and not entry.get("signer"):
            self._problems.add(node, "%s has a signature and no signer." % node.path)
        return Attestation(**{**entry, "scope": selector_of(entry.get("scope")), "signature": signature})

    def _note(self, identity: str, rules: Sequence[str], node: Node, key: str) -> None:
        if identity in self._ids:
            self._problems.add(node.value["id"], "The id %r stands here for the second time." % identity)
        self._ids[identity] = None
        for rule, place in zip(rules, nodes_of(node, key)):
            if rule in OF_STATEMENTS:
                self._problems.add(place, "%s is about waivers and attestations; none can stand against it." % rule)
            elif rule not in self._rules:
                self._problems.add(place, "There is no rule %r.%s" % (rule, nearest(rule, self._rules)))


def selector_of(values: Optional[Mapping[str, Any]]) -> Selector:
    """Return the selector with the values of its form."""
    return Selector(**{name: tuple(patterns) for name, patterns in (values or {}).items()})


def scope_of(values: Optional[Mapping[str, Any]]) -> Scope:
    """Return the scope with the values of its form."""
    return Scope(**{name: tuple(map(selector_of, selectors)) for name, selectors in (values or {}).items()})


class _Making:
    """Lays the layers of a loader over each other."""

    def __init__(self, loader: _Loader) -> None:
        self._loader = loader

    def policy(self, source: str) -> Policy:
        """Return the policy. Args: source: what it was asked for by."""
        loader = self._loader
        last = loader.layers[-1]
        merged: Dict[str, Any] = {}
        for layer in loader.layers:
            merged.update({key: layer.values[key] for key in ("lookback_days", "scope") if key in layer.values})
        waivers, attestations = self._statements()
        return Policy(
            name=last.values.get("name", last.name),
            rules=self._rules(),
            description=last.values.get("description", ""),
            source=source,
            digest=_digest(loader.texts),
            packs=tuple(layer.name for layer in loader.layers[:-1]),
            scope=scope_of(merged.get("scope")),
            classes=self._classes(),
            repositories=tuple(_repository(entry) for layer in reversed(loader.layers) for entry in layer.values.get("repositories", ())),
            tags={tag: tuple(patterns) for layer in loader.layers for tag, patterns in layer.values.get("tags", {}).items()},
            assets=tuple(dict.fromkeys(name for layer in loader.layers for name in layer.values["assets"])),
            lookback_days=merged.get("lookback_days", Policy.lookback_days),
            waivers=waivers,
            attestations=attestations,
            texts=tuple(loader.texts),
        )

    def _statements(self) -> Tuple[Tuple[Waiver, ...], Tuple[Attestation, ...]]:
        loader = self._loader
        rules = known_rules(loader.own_ids)
        waivers_found = loader.statements("waivers", "waiver_files", WAIVERS_FILE)
        attestations_found = loader.statements("attestations", "attestation_files", ATTESTATIONS_FILE)
        of_waivers, of_attestations = _Statements(loader.problems, rules, Path()), _Statements(loader.problems, rules, Path())
        waivers = [of_waivers.waiver(entry, node) for entry, node, _folder in waivers_found]
        attestations = []
        for entry, node, folder in attestations_found:
            of_attestations.folder = None if loader.alone else folder
            attestations.append(of_attestations.attestation(entry, node))
        return tuple(waivers), tuple(attestations)

    def _classes(self) -> Tuple[MachineClass, ...]:
        by_name: Dict[str, MachineClass] = {}
        for layer in reversed(self._loader.layers):
            here: Dict[str, None] = {}
            for entry, node in zip(layer.values.get("classes", ()), nodes_of(layer.tree, "classes")):
                if entry["name"] in here:
                    self._loader.problems.add(node, "There are two classes %r." % entry["name"])
                here[entry["name"]] = None
                by_name.setdefault(entry["name"], MachineClass(entry["name"], selector_of(entry["select"]), dict(entry["values"])))
        return tuple(by_name.values())

    def _rules(self) -> Dict[str, Rule]:
        own = self._own_checks()
        said: Dict[str, Dict[str, Any]] = {}
        for layer in self._loader.layers:
            for identity, entry in layer.values.get("rules", {}).items():
                before = said.setdefault(identity, {"enabled": True})
                parameters = {**before.get("parameters", {}), **entry.get("parameters", {})}
                before.update(entry, parameters=parameters)
        rules = {}
        for check in [*(CHECKS[identity] for identity in sorted(CHECKS)), *(own[identity] for identity in sorted(own))]:
            entry = said.get(check.id, {"enabled": check.id in own or check.id[0] in ALWAYS})
            asked = check.id in said or check.id in own or not check.id.startswith(UNSEEN)
            rules[check.id] = replace(_rule(check, entry), asked=asked)
        if not any(rule.enabled and (rule.id in own or rule.id[0] not in ALWAYS) for rule in rules.values()):
            last = self._loader.layers[-1]
            self._loader.problems.add(last.tree, "The policy applies no rule: name some under rules, or a pack under extends.")
        return rules

    def _own_checks(self) -> Dict[str, Check]:
        found: Dict[str, Check] = {}
        for layer in self._loader.layers:
            here: Dict[str, None] = {}
            for entry, node in zip(layer.values.get("own_rules", ()), nodes_of(layer.tree, "own_rules")):
                if entry["id"] in here:
                    self._loader.problems.add(node.value["id"], "The id %r stands here for the second time." % entry["id"])
                here[entry["id"]] = None
                found[entry["id"]] = check_of(entry)
        return found


def _rule(check: Check, entry: Mapping[str, Any]) -> Rule:
    given = entry.get("parameters", {})
    values = {one.name: given[one.name] if one.name in given else default_of(check, one.name) for one in check.parameters}
    return Rule(check, entry.get("severity", check.severity), values, scope_of(entry.get("scope")), entry["enabled"])


def default_of(check: Check, name: str) -> Any:
    """Return the default of a parameter in the form in which a policy would give it."""
    parameter = check.parameter(name)
    problems = Problems()
    tree = tree_of_data(plain(parameter.default), check.id, problems)
    value = None if tree is None else form_of(parameter).read(tree, problems)
    problems.raise_any()
    return value


def _repository(entry: Mapping[str, Any]) -> RepositoryFacts:
    return RepositoryFacts(selector_of(entry["select"]), **{name: entry.get(name) for name in REPOSITORY_FACTS})


def _digest(texts: Sequence[PolicyText]) -> str:
    """Return the SHA-256 of what ``sha256sum`` would print of the texts, in the order in which they were read."""
    listed = "".join("%s  %s\n" % (text.sha256, text.name) for text in texts)
    return hashlib.sha256(listed.encode("utf-8")).hexdigest()


# ---------------------------------------------------------------------------------------------------------
# As plain data


def effective(policy: Policy) -> Dict[str, Any]:
    """Return a policy as plain data, with every rule that it asks for and every value in it, from which ``policy_from_data`` makes the same again.

    Under ``policy`` stands what could be the whole of a policy file; beside it, what it came from.
    """
    own = [dict(rule.check.judge.declared) for rule in policy.rules.values() if isinstance(rule.check.judge, OwnRule)]
    written: Dict[str, Any] = {
        "format": FORMAT,
        "name": policy.name,
        "description": policy.description,
        "lookback_days": policy.lookback_days,
        "scope": _scope_data(policy.scope),
        "rules": {rule.id: _rule_data(rule) for rule in policy.rules.values() if rule.asked},
        "classes": [{"name": one.name, "select": _selector_data(one.selector), "values": dict(one.values)} for one in policy.classes],
        "repositories": [_repository_data(one) for one in policy.repositories],
        "tags": {tag: list(patterns) for tag, patterns in policy.tags.items()},
        "assets": list(policy.assets),
        "own_rules": own,
        "waivers": [statement_data(one) for one in policy.waivers],
        "attestations": [statement_data(one) for one in policy.attestations],
    }
    kept = {key: value for key, value in written.items() if value not in ("", [], {})}
    return {"policy": kept, "source": policy.source, "sha256": policy.digest, "packs": list(policy.packs)}


def policy_from_data(data: Mapping[str, Any]) -> Policy:
    """Return the policy that ``effective`` made plain data of. Raises PolicyError for other data."""
    problems = Problems()
    if not isinstance(data.get("policy"), Mapping):
        problems.add(Node(None, "effective policy"), "There is no policy in it.")
        problems.raise_any()
    made = _loaded(_Loader(PACKS, alone=True), data["policy"], Path())
    rest = {"source": data.get("source", ""), "digest": data.get("sha256", ""), "packs": tuple(data.get("packs", ()))}
    return replace(made, **rest)


def _selector_data(selector: Selector) -> Dict[str, List[str]]:
    return {key.name: list(getattr(selector, key.name)) for key in SELECTOR.keys if getattr(selector, key.name)}


def _scope_data(scope: Scope) -> Dict[str, Any]:
    return {key.name: [_selector_data(one) for one in getattr(scope, key.name)] for key in SCOPE.keys if getattr(scope, key.name)}


def _rule_data(rule: Rule) -> Dict[str, Any]:
    written = {"enabled": rule.enabled, "severity": rule.severity, "parameters": dict(rule.values), "scope": _scope_data(rule.scope)}
    return {key: value for key, value in written.items() if value != {}}


def _repository_data(entry: RepositoryFacts) -> Dict[str, Any]:
    told = {name: getattr(entry, name) for name in REPOSITORY_FACTS}
    return {"select": _selector_data(entry.selector), **{name: value for name, value in told.items() if value is not None}}


def statement_data(statement: Union[Waiver, Attestation]) -> Dict[str, Any]:
    """Return a waiver or an attestation as its form has it."""
    data: Dict[str, Any] = {}
    for name in statement.__dataclass_fields__:
        value = getattr(statement, name)
        data[name] = _selector_data(value) if isinstance(value, Selector) else list(value) if isinstance(value, tuple) else value
    return {name: value for name, value in data.items() if value not in (None, "", {})}
