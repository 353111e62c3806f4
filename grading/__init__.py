"""The mind: an answer goes in, a verdict comes out. No Django, no Celery, no clock, no disk."""

from __future__ import annotations

VERSION = "0.1.0"
"""The version of the engine, kept with each verdict: raise it when a verdict could change."""
