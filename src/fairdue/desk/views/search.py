"""Finding a person."""

from django.http import HttpRequest, HttpResponse

from fairdue.staff.policies import grant


@grant("search")
def search(request: HttpRequest) -> HttpResponse:
    """Search by name, reference, phone, ID, e-mail."""
    return HttpResponse("search")
