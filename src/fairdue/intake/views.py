"""Pages of intake: files and their loads, and the list of cases under repair."""

import csv
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

import polars as pl
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_POST, require_safe

from fairdue.accounts import proof
from fairdue.accounts.models import Account, Creditor
from fairdue.cases.queries import visible_to
from fairdue.intake import mapping as mappings
from fairdue.intake import queries, services, uploading, words
from fairdue.intake.fields import KINDS, Kind
from fairdue.intake.loading import discarding
from fairdue.intake.models import Load
from fairdue.intake.problems import FileRefused
from fairdue.intake.writing import BOM, neutralised
from fairdue.journal import services as journal
from fairdue.staff.models import User
from fairdue.staff.policies import grant

A_PAGE = 30


# ── files ──


@grant("intake")
@require_safe
def files(request: HttpRequest) -> HttpResponse:
    """Every file, the latest first, and the form for the next; HTMX asks for the table alone while one is under way."""
    return _list(request)


def _list(request: HttpRequest, *, faults: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
    chosen = {name: request.GET.get(name, "").replace("\0", "") for name in ("creditor", "status")}
    page = Paginator(queries.loads(**chosen), A_PAGE).get_page(request.GET.get("page"))
    shown = {
        "page": page,
        "live": any(load.status in queries.UNDER_WAY for load in page),
        "chosen": chosen,
        "sent": {name: request.POST.get(name, "") for name in ("creditor", "kind")} if faults else {},
        "faults": {name: said for name, said in (faults or {}).items() if name not in {"new", "of_new"}},
        "new": (faults or {}).get("new", {}),
        "of_new": (faults or {}).get("of_new", {}),
        "countries": words.COUNTRIES.items(),
        "creditors": queries.creditors(),
        "kinds": Load.Kind.choices,
        "statuses": Load.Status.choices,
        "most": uploading.bytes_max() >> 20,
    }
    template = "intake/table.html" if request.headers.get("HX-Request") else "intake/files.html"
    return render(request, template, shown, status=status)


@grant("intake")
@csrf_exempt
@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Receive a file. The limit is asked before anything is read; the form's token right after."""
    request.upload_handlers.insert(0, uploading.Limited(request))
    return _upload(request)


@csrf_protect
def _upload(request: HttpRequest) -> HttpResponse:
    taken, faults = _receive(request)
    return redirect("intake:file", taken.pk) if taken else _list(request, faults=faults, status=422)


def _receive(request: HttpRequest) -> tuple[Load | None, dict[str, Any]]:
    """The file kept with a mapping to begin with; or what is wrong, by field of the form."""
    code, wanted = request.POST.get("creditor", "").replace("\0", ""), request.POST.get("kind", "")
    creditor, kind = Creditor.objects.filter(code=code).first(), wanted if wanted in KINDS else None
    file = request.FILES.get("file")
    faults: dict[str, Any] = {}
    if creditor is None:
        faults["creditor"] = _("Choose whose file it is.")
    if request.META.get("fairdue.upload_too_large"):
        told = {"most": uploading.bytes_max() >> 20}
        faults["file"] = _("The file is larger than %(most)s MB. Split it, or load it on the command line.") % told
    elif file is None:
        faults["file"] = _("Choose a file.")
    elif not file.size:
        faults["file"] = _("The file is empty. Export it again and check that it has rows.")
    if faults or creditor is None or file is None:
        return None, faults
    by = cast(User, request.user)
    load = services.accept(
        creditor=creditor, kind=kind or "accounts", file=cast(Any, file), name=file.name or "", mapping="", by=by
    )
    columns, troubles = queries.columns_of(Path(load.path))
    if troubles and not columns:
        discarding.discard(load=load, by=by)
        return None, {"file": _("This file cannot be read as a table; it was not kept."), "troubles": troubles}
    kind, text = services.draft_mapping(creditor=creditor, columns=columns, kind=kind, name=load.name)
    return services.remap(load=load, mapping=text, kind=kind, by=by), {}


@grant("intake")
@require_POST
def add_creditor(request: HttpRequest) -> HttpResponse:
    """A creditor becomes known, so that its first file can come by the page."""
    told = {name: request.POST.get(name, "").replace("\0", "").strip() for name in ("code", "name_zh", "name_en")}
    country, faults = request.POST.get("country", ""), {}
    if not services.CODE.fullmatch(told["code"]):
        faults["code"] = _("Two to twenty letters, digits, dots or hyphens, such as east-bank.")
    elif Creditor.objects.filter(code=told["code"]).exists():
        faults["code"] = _("There is a creditor of this code already; choose it above.")
    if not told["name_zh"] and not told["name_en"]:
        faults["name_zh"] = _("Give the creditor's name as it should appear in letters.")
    if country not in services.COUNTRIES:
        faults["country"] = _("Choose a country; it decides law, currency and clock.")
    if faults:
        return _list(request, faults={"new": told | {"country": country}, "of_new": faults}, status=422)
    names = {name: (told[name] or told["name_zh"] or told["name_en"])[:120] for name in ("name_zh", "name_en")}
    made = services.add_creditor(code=told["code"], country=country, by=cast(User, request.user), **names)
    messages.success(request, _("%(name)s was added. Upload its accounts first.") % {"name": made})
    return redirect(f"{reverse('intake:files')}?{urlencode({'creditor': made.code})}")


# ── one file ──


def _one(pk: int) -> Load:
    return get_object_or_404(Load.objects.select_related("creditor", "by"), pk=pk)


@grant("intake")
@require_safe
def file(request: HttpRequest, load: int) -> HttpResponse:
    """One file: how it would be understood, how far it is, or what became of it. HTMX asks for the inside alone."""
    found = _one(load)
    if found.status == Load.Status.UPLOADED:
        return _preview(request, found)
    broken = queries.is_interrupted(found)
    shown: dict[str, Any] = {
        "load": found,
        "live": found.status in queries.UNDER_WAY and not broken,
        "broken": broken,
        "step": words.STEPS.get(found.step, ""),
        "before": queries.in_the_way(found) if found.status == Load.Status.QUEUED else None,
        "reasons": queries.reasons(found) if found.status == Load.Status.FAILED else [],
        "entries": queries.entries(found),
    }
    if found.status == Load.Status.DONE:
        shown |= _result(found)
    return render(request, "intake/inside.html" if request.headers.get("HX-Request") else "intake/file.html", shown)


def _preview(request: HttpRequest, found: Load) -> HttpResponse:
    shown = {
        "load": found,
        "kinds": Load.Kind.choices,
        "preview": queries.preview(found),
        "lines": min(34, max(12, found.mapping.count("\n") + 2)),
        "keeps": found.mapping.strip() != found.creditor.mapping.strip(),
    }
    return render(request, "intake/preview.html", shown)


def _result(load: Load) -> dict[str, Any]:
    rows, money = queries.result(load)
    return {
        "total": rows,
        "money": [(words.MONEY.get(line.field, line.field), line) for line in money],
        "faults": list(load.sums.get("faults", {}).items()),
        "back": queries.returned(load),
        "took": (load.finished_at - load.started_at).total_seconds() if load.finished_at and load.started_at else None,
    }


@grant("intake")
@require_POST
def remap(request: HttpRequest, load: int) -> HttpResponse:
    """Keep the mapping as written and look again; another kind with the mapping untouched begins with a new guess."""
    _remap(request, _one(load))
    return redirect("intake:file", load)


def _remap(request: HttpRequest, found: Load) -> bool:
    """Write the mapping of the form on a file that is not loaded yet; False when it was left as it was."""
    given, wanted = request.POST.get("mapping"), request.POST.get("kind", "")
    kind = cast(Kind, wanted if wanted in KINDS else found.kind)
    if found.status != Load.Status.UPLOADED or (given is None and kind == found.kind):
        return True
    text = (found.mapping if given is None else given).replace("\r\n", "\n")
    if len(text.encode()) > mappings.MAPPING_BYTES_MAX or "\0" in text:
        told = {"most": mappings.MAPPING_BYTES_MAX >> 10}
        messages.error(request, _("The mapping must be text of at most %(most)s KB; it was left as it was.") % told)
        return False
    if kind != found.kind and text.strip() == found.mapping.strip():
        columns, _troubles = queries.columns_of(Path(found.path))
        _kind, text = services.draft_mapping(creditor=found.creditor, columns=columns, kind=kind, name=found.name)
    try:
        services.remap(load=found, mapping=text, kind=kind, by=cast(User, request.user))
    except services.Busy:
        messages.warning(request, _("This file is being loaded already; its mapping was left as it was."))
        return False
    return True


@grant("intake")
@require_POST
def confirm(request: HttpRequest, load: int) -> HttpResponse:
    """Queue a file that was looked at, or one that failed or was interrupted; pressing twice does no harm."""
    if not _remap(request, _one(load)):
        return redirect("intake:file", load)
    found = _one(load)
    running = found.status in queries.UNDER_WAY and not queries.is_interrupted(found)
    if found.status == Load.Status.DONE or running:
        messages.info(request, _("This file is loaded already, or being loaded; nothing was done twice."))
        return redirect("intake:file", load)
    if found.status == Load.Status.UPLOADED and not queries.preview(found).ready:
        messages.error(request, _("The file cannot be loaded yet: mend what is listed first."))
        return redirect("intake:file", load)
    try:
        services.confirm(load=found, by=cast(User, request.user), keep_mapping="keep" in request.POST)
    except FileRefused:
        messages.error(request, _("The mapping cannot be used yet; nothing was loaded."))
    return redirect("intake:file", load)


@grant("intake")
@require_POST
def discard(request: HttpRequest, load: int) -> HttpResponse:
    """Forget a file that was not loaded."""
    found = _one(load)
    if discarding.discard(load=found, by=cast(User, request.user)):
        messages.success(request, _("%(name)s was discarded; nothing of it was loaded.") % {"name": found.name})
        return redirect("intake:files")
    messages.warning(request, _("This file is being loaded or was loaded; it is kept."))
    return redirect("intake:file", load)


@grant("intake")
@require_GET
def returned(request: HttpRequest, load: int) -> HttpResponseBase:
    """The rejected rows as a file. It holds personal data: that it was taken is in the journal."""
    found = get_object_or_404(Load, pk=load, status=Load.Status.DONE)
    path = Path(found.rejected_path) if found.rejected_path else None
    if path is None or not path.exists():
        raise Http404
    journal.write(
        "load.returned", by=cast(User, request.user), subject="load", subject_id=found.pk, rejected=found.rejected
    )
    return FileResponse(
        path.open("rb"), as_attachment=True, filename=f"{Path(found.name).stem}-rejected.csv",
        content_type="text/csv; charset=utf-8",
    )  # fmt: skip


# ── proof to be completed ──


@grant("repair")
@require_safe
def repair(request: HttpRequest) -> HttpResponse:
    """Cases whose proof of debt lies below the creditor's bar, with what is missing; each sees their own."""
    user = cast(User, request.user)
    chosen = {name: request.GET.get(name, "").replace("\0", "") for name in ("creditor", "lacks")}
    page = Paginator(queries.under_repair(user, **chosen), A_PAGE).get_page(request.GET.get("page"))
    shown = {
        "page": page,
        "repairs": queries.lacking(list(page.object_list)),
        "documents": words.DOCUMENTS.items(),
        "weights": [(words.DOCUMENTS[name], points) for name, points in proof.WEIGHTS.items()],
        "chosen": chosen,
        "query": urlencode({name: value for name, value in chosen.items() if value}),
        "creditors": queries.repair_creditors(user),
        "may_complete": queries.may_complete(user),
    }
    return render(request, "intake/repair.html", shown)


@grant("repair")
@require_POST
def add_document(request: HttpRequest, account: int) -> HttpResponse:
    """Note that a document came in."""
    user, document = cast(User, request.user), request.POST.get("document", "")
    found = get_object_or_404(Account.objects.select_related("creditor"), pk=account)
    seen = visible_to(user).filter(person=found.debtor_id, creditor=found.creditor_id).exists()
    if not (seen and queries.may_complete(user) and document in proof.WEIGHTS):
        raise Http404
    services.add_document(account=found, document=document, by=user)
    said = {"what": words.DOCUMENTS[document], "account": found.external_ref}
    messages.success(request, _("%(what)s of %(account)s noted as received.") % said)
    again = urlencode({name: request.POST[name] for name in ("page", "creditor", "lacks") if request.POST.get(name)})
    return redirect(f"{reverse('intake:repair')}?{again}")


@grant("repair")
@require_GET
def repair_file(request: HttpRequest) -> HttpResponse:
    """What to ask each creditor for, as CSV: account, score, missing documents. No personal data."""
    user = cast(User, request.user)
    chosen = {name: request.GET.get(name, "").replace("\0", "") for name in ("creditor", "lacks")}
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="proof-to-be-completed.csv"'
    answer.write(BOM)
    lines = csv.writer(answer)
    lines.writerow([_("Creditor"), _("Account"), _("Score"), _("Missing")])
    cases = Paginator(queries.under_repair(user, **chosen), 1_000)
    for number in cases.page_range:
        for each in queries.lacking(list(cases.page(number).object_list)):
            for lack in each.lacks:
                missing = ", ".join(str(words.DOCUMENTS[name]) for name in lack.missing)
                cells = (each.case.creditor.code, lack.account.external_ref, lack.account.proof_score, missing)
                lines.writerow(neutralised(pl.DataFrame([[str(cell)] for cell in cells])).row(0))
    journal.write("repair.exported", by=user, cases=cases.count, creditor=chosen["creditor"], lacks=chosen["lacks"])
    return answer
