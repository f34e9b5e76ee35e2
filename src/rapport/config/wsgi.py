"""The WSGI application, ready to answer: URLs are loaded now, so that a wrong declaration fails at start-up."""

from __future__ import annotations

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rapport.config.settings")
application = get_wsgi_application()
_ = get_resolver().url_patterns

# What exists now lives as long as the process: the collector need not look at it again and again.
gc.collect()
gc.freeze()
# A page makes some ten thousand objects and keeps none: looking after each thousand took a tenth of its time.
gc.set_threshold(10_000, 20, 50)
