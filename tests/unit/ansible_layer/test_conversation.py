# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What plugins make of errors: one sentence of the kind that core shows, whatever happened below."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleError, AnsibleParserError

from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.errors import OptionError
from ansible_collections.openbackup.veeam_em.plugins.plugin_utils.conversation import errors_as


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (OptionError("The limit is 0.", advice="Give 1 or more."), "The limit is 0. Give 1 or more."),
        (ZeroDivisionError("division by zero"), "something it does not expect: ZeroDivisionError"),
    ],
    ids=["an error with advice", "one that nobody expected"],
)
def test_an_error_becomes_one_sentence(error: Exception, text: str) -> None:
    with pytest.raises(AnsibleParserError) as caught, errors_as(AnsibleParserError):
        raise error
    assert text in str(caught.value)
    assert caught.value.__cause__ is None and caught.value.__suppress_context__, "the traceback of the cause stays out"


def test_an_error_of_core_passes_as_it_is() -> None:
    with pytest.raises(AnsibleError) as caught, errors_as(AnsibleParserError):
        raise AnsibleError("said by core")
    assert not isinstance(caught.value, AnsibleParserError)
