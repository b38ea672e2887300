"""The collector's day: the list, and the next case."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from fairdue.staff.policies import grant


@grant("work")
def today(request: HttpRequest) -> HttpResponse:
    """Today's list."""
    return HttpResponse("today")


@grant("work")
@require_POST
def next_case(request: HttpRequest) -> HttpResponse:
    """Lease the next item and open its case."""
    return HttpResponse("next")
