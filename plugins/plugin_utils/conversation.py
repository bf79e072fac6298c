# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How plugins that run in the controller talk to Enterprise Manager: options, log-on session, errors, strings of the server.

Private to this collection; shared by the inventory and the lookup plugin. Modules have ``_ansible/lanes.py`` for the same.
"""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, Type

from ansible import constants as C
from ansible.errors import AnsibleError
from ansible.utils.display import Display

from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.lanes import (
    Stopped,
    missing_library,
    missing_library_message,
    signals_raise,
    unexpected,
)
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.options import CONNECTION_OPTIONS, ENVIRONMENT_PREFIX, connection_options
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.errors import EmError, OptionError
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.query import nearest
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.session import Session
from ansible_collections.openbackup.veeam_em.plugins.plugin_utils.controller_lane import as_module_arguments

try:
    # From ansible-core 2.19 on nothing is taken for a template that nobody trusts.
    from ansible.template import trust_as_template
except ImportError:
    trust_as_template = None

# What could be a template: anything with a brace, or with the header that redefines what begins one.
_TEMPLATE_LIKE = re.compile(r"[{}]|\A\s*#\s*jinja2", re.IGNORECASE)

display = Display()


@contextmanager
def without_empty_variables() -> Iterator[None]:
    """Hide ``VEEAM_EM_*`` variables without value while options are read.

    A credential of an automation controller sets every variable that it knows, filled in or not, and core would refuse an empty
    port. Modules take an empty variable for none, too.
    """
    hidden = {name: value for name, value in os.environ.items() if name.startswith(ENVIRONMENT_PREFIX) and not value}
    for name in hidden:
        del os.environ[name]
    try:
        yield
    finally:
        os.environ.update(hidden)


def check_option_names(given: Iterable[str], plugin: Any, plugin_type: str) -> None:
    """Refuse an option that the plugin does not have, which core would pass over. Raises OptionError with the nearest known ones."""
    known = C.config.get_configuration_definitions(plugin_type, plugin._load_name)
    for name in given:
        if name not in known:
            advice = "Known options: %s." % ", ".join(sorted(known))
            raise OptionError("There is no option %r.%s" % (name, nearest(name, known)), advice=advice)


def plain_option(plugin: Any, name: str, template: Callable[[Any], Any] = lambda value: value) -> Any:
    """Return an option of a plugin as plain data, "" as None; ``template`` opens a text that may be a template."""
    value = plugin.get_option(name)
    opened = as_module_arguments(template(value) if isinstance(value, str) else value)
    return None if opened == "" else opened


def connection_params(plugin: Any, template: Callable[[Any], Any] = lambda value: value) -> Dict[str, Any]:
    """Return the connection options of a plugin that takes the documentation fragment ``connection_plugin``."""
    return {option.name: plain_option(plugin, option.name, template) for option in CONNECTION_OPTIONS}


def connection_variables(variables: Mapping[str, Any], template: Callable[[Any], Any]) -> Dict[str, Any]:
    """Return those of some Ansible variables that fill connection options, opened: core hands them over as they were written."""
    names = [option.ansible_variable for option in CONNECTION_OPTIONS]
    return {name: template(variables[name]) for name in names if name in variables}


@contextmanager
def errors_as(error_type: Type[AnsibleError]) -> Iterator[None]:
    """Turn whatever goes wrong in the block into an error of core that says in a sentence what to do; no traceback comes out."""
    try:
        yield
    except EmError as error:
        raise error_type(str(error)) from None
    except AnsibleError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, the user gets one sentence and no traceback
        raise error_type(str(unexpected(error))) from None


@contextmanager
def open_session(params: Mapping[str, Any], error_type: Type[AnsibleError]) -> Iterator[Session]:
    """Give a session for the connection options; its own log-on session is closed on leaving, after a signal as well.

    Raises ``error_type`` with advice for all that the user can act on.
    """
    missing = missing_library()
    if missing:
        raise error_type(missing_library_message(missing[0]))
    warnings: List[str] = []
    try:
        with signals_raise(), errors_as(error_type), Session(connection_options(params), warn=warnings.append) as session:
            yield session
    except Stopped as stopped:
        # The log-on session is closed and the former handlers are back: the end of the process is their business.
        os.kill(os.getpid(), stopped.signal_number)
        raise error_type(str(stopped.as_result()["msg"])) from None
    finally:
        for sentence in dict.fromkeys(warnings):
            display.warning(sentence)


def for_inventory(value: Any) -> Any:
    """Return what a server sent as the value of a variable: never taken for a template, and shown as it is where it could be none.

    ``ansible-inventory`` shows a text that is marked, or from 2.19 on not trusted, in a mapping that says so. A text without
    anything of a template in it stays what it is, trusted or not.
    """
    return _each_text(_trusted if trust_as_template else _marked, value)


@lru_cache(maxsize=4096)  # ten thousand hosts share a few hundred names of jobs, repositories and results
def _trusted(text: str) -> Any:
    return text if _TEMPLATE_LIKE.search(text) else trust_as_template(text)


def _marked(text: str) -> Any:
    from ansible.utils.unsafe_proxy import wrap_var

    return wrap_var(text) if _TEMPLATE_LIKE.search(text) else text


def _each_text(change: Callable[[str], Any], value: Any) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {_each_text(change, name): _each_text(change, item) for name, item in value.items()}
    return [_each_text(change, item) for item in value] if isinstance(value, list) else value
