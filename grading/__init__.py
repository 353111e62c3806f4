"""The mind: an answer goes in, a verdict comes out. No Django, no Celery, no clock, no disk."""
