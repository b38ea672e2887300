"""Paying: begun here, done at the provider, believed only from the provider's own signed word."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fairdue.contact.models import Link
from fairdue.portal import clock, paying, services
from fairdue.portal.models import Checkout
from fairdue.portal.plan import UnclearError
from fairdue.portal.views import pages
from fairdue.portal.views.door import quiet, visited

BODY_BYTES_MAX = 256 * 1024


@visited
@require_http_methods(["GET", "POST"])
def begin(request: HttpRequest, link: Link) -> HttpResponse:
    """Begin a payment; the next page leads to the provider."""
    if request.method != "POST":  # the language was changed on a page that told a mistake
        return redirect("portal:arrange")
    account = pages.own_account(request, link)

    def back(reference: str) -> str:
        return request.build_absolute_uri(reverse("portal:payment", args=[reference]))

    try:
        cents = pages.cents_of(request, account.currency)
        checkout = services.begin(link=link, account=account, cents=cents, back=back, now=clock.now())
    except (services.CheckoutError, UnclearError) as refused:
        return pages.arrangement(request, link, error=pages.told(refused), failed="pay")
    return redirect("portal:payment", reference=checkout.reference)


@visited
@require_GET
def payment(request: HttpRequest, link: Link, reference: str) -> HttpResponse:
    """A payment begun: the way to the provider, or that it has arrived."""
    checkout = _own(link, reference)
    return pages.show(request, link, "payment", {"checkout": checkout})


@visited
@require_POST
def pretend(request: HttpRequest, link: Link, reference: str) -> HttpResponse:
    """The sandbox's own page: say that the money came. Not there unless the sandbox is in use."""
    checkout = _own(link, reference)
    if paying.in_use() != "sandbox" or checkout.provider != "sandbox":
        raise Http404
    paid = paying.Paid(checkout.provider_ref, checkout.reference, checkout.cents, checkout.currency)
    services.finish(provider="sandbox", paid=paid, now=clock.now())
    return redirect("portal:payment", reference=reference)


@csrf_exempt
@quiet
@require_POST
def hook(request: HttpRequest) -> HttpResponse:
    """What the provider tells us. 400 when it is not genuine; 200 for all else, so that it is not told again."""
    if paying.in_use() != "stripe":
        raise Http404
    if int(request.headers.get("Content-Length") or 0) > BODY_BYTES_MAX:
        return HttpResponse(status=400)
    try:
        paid = paying.named("stripe").read(
            body=request.body, signature=request.headers.get("Stripe-Signature", ""), now=clock.now()
        )
    except paying.NotGenuineError:
        return HttpResponse(status=400)
    if paid is not None:
        services.finish(provider="stripe", paid=paid, now=clock.now())
    return HttpResponse(status=200)


def _own(link: Link, reference: str) -> Checkout:
    """A payment begun about the case of the visit; any other is not there."""
    found = Checkout.objects.select_related("account__creditor", "payment")
    return get_object_or_404(found, reference=reference, link__case=link.case)
