"""The front door: settings, addresses and processes. No thought happens here."""

from quizsite.celery import app as celery_app  # tasks find their queue through Celery's current app

__all__ = ["celery_app"]
