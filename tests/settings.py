"""The site's settings as the tests want them: the demo's, with nothing kept and nobody woken."""

import atexit
import os
import shutil
import tempfile

os.environ["SPOTLIGHT_MODE"] = "demo"
os.environ["SECRET_KEY"] = "only the tests know this key, and they tell everybody about it"
os.environ["SPOTLIGHT_DATA"] = tempfile.mkdtemp(prefix="spotlight-tests-")
atexit.register(shutil.rmtree, os.environ["SPOTLIGHT_DATA"], ignore_errors=True)
for outside in ("DATABASE_URL", "CELERY_BROKER_URL", "EMAIL_URL", "ALLOWED_HOSTS", "DEBUG"):
    os.environ.pop(outside, None)

from quizsite.settings import *  # noqa: E402,F403 the environment above comes first

STATIC_ROOT.mkdir()  # noqa: F405 as it is where nothing was collected yet

CELERY_BROKER_URL = "memory://"  # messages go nowhere; tests that need a queue start a real one
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher"
]  # quick, and nothing to protect
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
