# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The controller lane: runs the modules of this collection inside the controller's worker.

Each module has a file of its name in plugins/action that lends it this class. Where the task has to run elsewhere
(another machine, ``async``, a missing library) the ordinary module runs instead, with the same result.
docs/architecture.md tells why.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import signal
import sys
import threading
from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional

from ansible import constants as C
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator, ValidationResult
from ansible.module_utils.common.parameters import remove_values
from ansible.module_utils.common.text.converters import to_text
from ansible.module_utils.errors import UnsupportedError
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.lanes import (
    ONLY_IN_CONTROLLER,
    Call,
    EmModule,
    ParentWatch,
    Result,
    Stopped,
    execute,
    missing_library,
    signals_raise,
)
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.errors import OptionError
from ansible_collections.openbackup.veeam_em.plugins.plugin_utils.programs import run_program

LANES = ("auto", "controller", "module")
LANE_VARIABLE = "veeam_em_lane"
COLLECTION = "openbackup.veeam_em."
MODULES = "ansible_collections.openbackup.veeam_em.plugins.modules."
# These callbacks print one document of a format of their own, which a progress line in between would break.
DOCUMENT_CALLBACKS = ("json", "jsonl", "yaml_document")

# PR_SET_PDEATHSIG of prctl(2).
_SIGNAL_OF_PARENTS_END = 1
_SIGNALS_FOR_MAIN_THREAD = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

display = Display()


def choose_lane(wanted: Any, obstacle: str) -> str:
    """Return "controller" or "module".

    Args:
        wanted: value of the variable ``veeam_em_lane``.
        obstacle: why the task cannot run in the controller, "" when it can.
    Raises: OptionError for a value that is no lane, and for the controller where it cannot be.
    """
    if wanted not in LANES:
        raise OptionError("The variable %s is %r." % (LANE_VARIABLE, wanted), advice="Set it to one of %s." % ", ".join(LANES))
    if wanted == "controller" and obstacle:
        raise OptionError(
            "The variable %s asks for the controller, but %s." % (LANE_VARIABLE, obstacle), advice="Set it to auto or module, or change the task."
        )
    return "module" if obstacle or wanted == "module" else "controller"


def lacking(library: str) -> str:
    """Return which Python lacks a library, as part of a sentence."""
    return "controller's Python lacks the library %s (it is %s)" % (library, sys.executable)


def as_module_arguments(value: Any) -> Any:
    """Return the value as a module would get it through JSON: plain types, dates as text, vaulted text opened."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, Mapping):
        return {as_module_arguments(name): as_module_arguments(item) for name, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [as_module_arguments(item) for item in value]
    if hasattr(value, "isoformat"):
        return value.isoformat()
    # str() of a subclass may give the subclass back, with the tags or the distrust that core hangs on it.
    return str.__str__(to_text(value, nonstring="simplerepr"))


def validation_failure(validation: ValidationResult, action: str) -> str:
    """Return the sentence in which AnsibleModule reports the first wrong option, "" when all are right."""
    if not validation.error_messages:
        return ""
    message: str = validation.errors.msg
    if isinstance(validation.errors[0], UnsupportedError):
        return "Unsupported parameters for (%s) module: %s" % (action, message)
    return message


def masked(result: Result, secrets: Any) -> Result:
    """Return the result as AnsibleModule would give it out: secrets replaced, flags and nulls left alone."""
    kept = {name: value for name, value in result.items() if value is None or isinstance(value, bool)}
    cleaned: Result = remove_values(result, secrets)
    cleaned.update(kept)
    return cleaned


def defaults_of(layers: Optional[List[Mapping[str, Any]]], action: str, groups: List[str], template: Callable[[Any], Any]) -> Dict[str, Any]:
    """Return what ``module_defaults`` hold for a module: its groups first, then the module itself; values are not templated.

    An inner layer replaces the entry of an outer one as a whole, as core does it. An entry may be one template of a mapping.
    """
    merged: Dict[str, Any] = {}
    for layer in layers or []:
        merged.update(layer)
    found: Dict[str, Any] = {}
    for name in ["group/" + group for group in groups] + [action]:
        entry = merged.get(name) or {}
        found.update(entry if isinstance(entry, Mapping) else template(entry))
    return found


@contextmanager
def environment_of(variables: Mapping[str, Any]) -> Iterator[None]:
    """Set environment variables for the time of the block."""
    former = {name: os.environ.get(name) for name in variables}
    os.environ.update({name: to_text(value) for name, value in variables.items()})
    try:
        yield
    finally:
        for name, value in former.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def ending_with_parent(interval: float = 1.0) -> Iterator[None]:
    """End this worker by SIGTERM when its parent is gone, while the block runs; look every so many seconds.

    A killed runner does not take its workers along, and a worker that waits for a module would never notice. Its
    end reaches the module as a signal or as an output that nobody reads, and the module logs out.
    """
    watch = ParentWatch(watch_output=False)
    over = threading.Event()

    def look() -> None:
        while not over.wait(interval):
            if watch.gone():
                os.kill(os.getpid(), signal.SIGTERM)
                return

    # A signal that the kernel gave to this thread would not wake the main one, where alone Python runs handlers:
    # the worker would sleep through the interrupt until the module ends. The thread inherits the mask of its start.
    former = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS_FOR_MAIN_THREAD)
    try:
        threading.Thread(target=look, daemon=True).start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, former)
    try:
        yield
    finally:
        over.set()


@contextmanager
def told_of_parents_end() -> Iterator[None]:
    """Let the kernel send SIGTERM to this worker as soon as its parent is gone, while the block runs.

    In a container the log-off has to be faster than the end of the runner, with which the container goes. Where the kernel cannot do it
    (it is Linux that can), a wait looks at its parent by itself.
    """
    set_signal = getattr(ctypes.CDLL(None), "prctl", None)
    if set_signal is None:
        yield
        return
    set_signal(_SIGNAL_OF_PARENTS_END, signal.SIGTERM)
    try:
        yield
    finally:
        set_signal(_SIGNAL_OF_PARENTS_END, 0)


class ControllerLane(ActionBase):  # type: ignore[misc]  # core is not typed
    """Runs a module of this collection in the lane that the task allows."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp: Optional[str] = None, task_vars: Optional[Dict[str, Any]] = None) -> Result:
        """Return the result of the task, a failed one for a lane or an ``async`` that cannot be."""
        result: Result = super().run(tmp, task_vars)
        variables = task_vars or {}
        try:
            module = self._load_module()
            self._check_async(module)
            lane = self._lane_of(module, self._templar.template(variables.get(LANE_VARIABLE, "auto")))
        except OptionError as error:
            return {**result, "failed": True, **error.as_result()}
        self._fill_omitted(variables)
        result.update(self._run_here(module, variables) if lane == "controller" else self._run_as_module(variables))
        if module.result_is_secret and not result.get("failed"):
            result["_ansible_no_log"] = True
        return result

    def _load_module(self) -> EmModule:
        module: EmModule = importlib.import_module(MODULES + self._module_name()).MODULE
        return module

    def _module_name(self) -> str:
        """Return the name of the module, which is that of the file in plugins/action that defines the class."""
        return type(self).__module__.rpartition(".")[2]

    def _fill_omitted(self, task_vars: Dict[str, Any]) -> None:
        """Let ``module_defaults`` fill an option that was omitted: core drops the default where the task says ``default(omit)``, as roles have to."""
        action = COLLECTION + self._module_name()
        groups = self._task._parent._play._action_groups.get(action, [])
        defaults = defaults_of(self._task.module_defaults, action, groups, self._templar.template)
        missing = self._templar.template({name: value for name, value in defaults.items() if name not in self._task.args})
        # Before core 2.19 an omitted value is a word of its own.
        self._task.args.update({name: value for name, value in missing.items() if value != task_vars.get("omit")})

    def _lane_of(self, module: EmModule, wanted: Any) -> str:
        """Return the lane of the task. Raises OptionError where it cannot run in the one that is wanted, or that it needs."""
        if not module.controller_only:
            return choose_lane(wanted, self._obstacle())
        if choose_lane(wanted, "") == "module":
            raise OptionError(ONLY_IN_CONTROLLER, advice="Leave the variable %s out." % LANE_VARIABLE)
        missing = missing_library()
        if missing:
            advice = "Install it there; in AWX choose an execution environment that has it. %s" % ONLY_IN_CONTROLLER
            raise OptionError("The %s." % lacking(missing[0]), advice=advice)
        return "controller"

    def _check_async(self, module: EmModule) -> None:
        if self._task.async_val and not module.supports_async:
            why = "it runs in the controller only" if module.controller_only else "its result holds a token and would be kept in a file"
            raise OptionError("%s does not support async: %s." % (self._task.action, why), advice="Take async out of the task.")

    def _obstacle(self) -> str:
        transport = self._connection.transport
        if transport != "local":
            return "the task runs over the connection %s (use delegate_to: localhost to ask from the controller)" % transport
        if self._task.async_val:
            return "the task asks for async"
        missing = missing_library()
        return "the %s" % lacking(missing[0]) if missing else ""

    def _run_as_module(self, task_vars: Dict[str, Any]) -> Result:
        wrap_async = bool(self._task.async_val) and not getattr(self._connection, "has_native_async", False)
        with ending_with_parent():
            result: Result = self._execute_module(task_vars=task_vars, wrap_async=wrap_async)
        if not wrap_async:
            self._remove_tmp_path(self._connection._shell.tmpdir)
        return result

    def _run_here(self, module: EmModule, task_vars: Dict[str, Any]) -> Result:
        variables: Dict[str, Any] = {}
        self._compute_environment_string(variables)
        warnings: List[str] = []
        with environment_of(variables):
            validation = ArgumentSpecValidator(**module.spec.as_keywords()).validate(as_module_arguments(self._task.args))
            secrets = validation._no_log_values
            warnings.extend("Both option %(option)s and its alias %(alias)s are set." % warning for warning in validation._warnings)
            message = validation_failure(validation, self._task.action)
            if message:
                result: Result = {"failed": True, "msg": message}
            else:
                result = self._execute(module, self._call(validation.validated_parameters, secrets, warnings, task_vars))
        if self._wants_invocation(task_vars):
            result["invocation"] = {"module_args": validation.validated_parameters}
        if warnings:
            result["warnings"] = list(dict.fromkeys(warnings))
        return masked(result, secrets)

    def _call(self, params: Dict[str, Any], secrets: Any, warnings: List[str], task_vars: Dict[str, Any]) -> Call:
        return Call(
            params=params,
            check_mode=bool(self._task.check_mode),
            diff=bool(self._task.diff),
            warn=warnings.append,
            progress=self._progress(task_vars.get("inventory_hostname", "localhost"), secrets),
            interrupted=ParentWatch(watch_output=False).gone,
            run_program=run_program,
        )

    def _execute(self, module: EmModule, call: Call) -> Result:
        try:
            with signals_raise(), told_of_parents_end():
                return execute(module, call)
        except Stopped as stopped:
            # The log-on session is closed and the handlers of core are back: the end of the worker is its business.
            os.kill(os.getpid(), stopped.signal_number)
            return stopped.as_result()

    def _progress(self, host: str, secrets: Any) -> Callable[[str], None]:
        silent = bool(self._task.no_log)
        to_stderr = C.DEFAULT_STDOUT_CALLBACK.rpartition(".")[2] in DOCUMENT_CALLBACKS

        def show(line: str) -> None:
            if not silent:
                display.display("  [%s] %s" % (host, remove_values(line, secrets)), stderr=to_stderr)

        return show

    def _wants_invocation(self, task_vars: Dict[str, Any]) -> bool:
        # Core before 2.21 has no such setting: there every module returns its invocation.
        if "INJECT_INVOCATION" not in C.config.get_configuration_definitions():
            return True
        return bool(C.config.get_config_value("INJECT_INVOCATION", variables=task_vars))
