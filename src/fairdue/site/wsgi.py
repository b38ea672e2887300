"""WSGI entry point."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fairdue.site.settings")
application = get_wsgi_application()
# Every page is read in before the first request. What is there by now stays, so the collector need not walk through it
# again and again while somebody waits.
_ = get_resolver().url_patterns
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)
