"""Another name for the registry, until nothing asks for it any more."""

from __future__ import annotations

from .registry import RESOURCES as DECLARED  # noqa: F401
