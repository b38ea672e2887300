"""Files come in by the page: looked at, loaded, added up; what is hostile is refused with a sentence."""

import io
import zipfile
from pathlib import Path

import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

import stories
from fairdue.accounts.models import Account, Creditor, Incoming
from fairdue.intake import services, uploading
from fairdue.intake.models import Load
from fairdue.intake.tasks import load_later
from fairdue.journal.models import Entry
from fairdue.staff.models import Role, User
from intake.load.banks import MAPPING, table

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _kept_here(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def bank() -> Creditor:
    return stories.creditor("BANK", name_zh="海滨银行", name_en="Seaside Bank", mapping=MAPPING)


@pytest.fixture
def clerk() -> User:
    return stories.user(Role.RISK, language="en")


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def send(client: Client, data: bytes, *, name="accounts.csv", kind="accounts", creditor="BANK"):
    return client.post(
        "/intake/files/upload/", {"creditor": creditor, "kind": kind, "file": SimpleUploadedFile(name, data)}
    )


ROWS = ({"account": "A1", "principal": "1000.00"}, {"account": "A2", "principal": "250.50", "phone": "13900139000"},
        {"account": "A3", "principal": "much"})  # fmt: skip


def test_a_file_is_looked_at_loaded_and_added_up(bank, clerk):
    """Three rows, one unreadable: two go in, one comes back, and 2 + 0 + 0 + 1 = 3."""
    client = as_(clerk)
    answer = send(client, table("accounts", *ROWS))
    load = Load.objects.get()
    assert answer["Location"] == f"/intake/files/{load.pk}/"
    text = client.get(answer["Location"]).content.decode()
    assert "1,000.00" in text and "250.50" in text
    assert "much" in text and "this is not an amount" in text
    assert "138001****" not in text and "+86138****8000" in text, "phones are masked"
    assert not Account.objects.exists(), "looking writes nothing"

    client.post(f"/intake/files/{load.pk}/load/", {"mapping": load.mapping, "kind": "accounts"})
    load.refresh_from_db()
    assert load.status == "queued"
    assert "hx-trigger" in client.get(f"/intake/files/{load.pk}/").content.decode()
    load_later(load.pk)

    text = client.get(f"/intake/files/{load.pk}/").content.decode()
    assert "hx-trigger" not in text, "nothing asks again when the end is reached"
    assert text.count("adds up") >= 1 and "does not add up" not in text
    assert "¥1,250.50" in text
    assert {a.external_ref for a in Account.objects.all()} == {"A1", "A2"}


def test_rejected_rows_are_taken_and_noted(bank, clerk):
    client = as_(clerk)
    send(client, table("accounts", *ROWS), name="三月 委案.csv")
    load = Load.objects.get()
    client.post(f"/intake/files/{load.pk}/load/")
    load_later(load.pk)
    taken = client.get(f"/intake/files/{load.pk}/returned/")
    assert taken.streaming and taken["Content-Disposition"].startswith("attachment")
    rows = b"".join(taken.streaming_content).decode("utf-8-sig")
    assert "A3" in rows and "A1" not in rows
    entry = Entry.objects.get(verb="load.returned")
    assert (entry.subject_id, entry.actor_id) == (load.pk, clerk.pk)


def test_the_same_file_again_changes_nothing(bank, clerk):
    client = as_(clerk)
    for _ in range(2):
        send(client, table("accounts", ROWS[0]))
        load = Load.objects.latest("id")
        client.post(f"/intake/files/{load.pk}/load/")
        load_later(load.pk)
    load.refresh_from_db()
    assert (load.rows_read, load.loaded, load.unchanged) == (1, 0, 1)
    client.post(f"/intake/files/{load.pk}/load/")
    load.refresh_from_db()
    assert load.status == "done"


def test_a_wrong_mapping_is_named_by_line_and_mended_on_the_page(bank, clerk):
    client = as_(clerk)
    send(client, table("accounts", ROWS[0]))
    load = Load.objects.get()
    wrong = MAPPING.replace(
        "    principal: principal\n    interest", "    principal: prinzipal\n    interestt: x\n    interest"
    )
    text = client.post(
        f"/intake/files/{load.pk}/mapping/", {"mapping": wrong, "kind": "accounts"}, follow=True
    ).content.decode()
    assert "The file cannot be loaded like this" in text and "Load the file" not in text
    line = wrong.splitlines().index("    interestt: x") + 1
    assert f"line {line}" in text and "interestt" in text
    refused = client.post(f"/intake/files/{load.pk}/load/", {"mapping": wrong, "kind": "accounts"}, follow=True)
    assert "cannot be loaded yet" in refused.content.decode()
    load.refresh_from_db()
    assert load.status == "uploaded"
    client.post(
        f"/intake/files/{load.pk}/load/",
        {"mapping": MAPPING.replace("    email: email\n", ""), "kind": "accounts", "keep": "1"},
    )
    load.refresh_from_db()
    assert load.status == "queued"
    assert "email" not in Creditor.objects.get(pk=bank.pk).mapping, "kept for the next file"


def test_a_creditor_without_a_mapping_gets_a_guess(clerk):
    """Chinese headers: the draft names the columns and the creditor; it can be loaded as it is."""
    stories.creditor("NEW", name_zh="新贷款公司")
    client = as_(clerk)
    data = "借据号,姓名,手机号,剩余本金,剩余利息,备注\nL1,王小明,13800138000,5000.00,12.34,老客户\n".encode("gb18030")
    text = client.get(send(client, data, creditor="NEW")["Location"]).content.decode()
    load = Load.objects.get()
    assert "principal: 剩余本金" in load.mapping and "ref: NEW" in load.mapping
    assert "5,000.00" in text and "备注" in text, "the unused column is named"
    assert "Load the file" in text


BOOKED = """Booking Date,Amount,Currency,Credit/Debit,Counterparty,Purpose,Transaction ID
2026-11-27,500.00,USD,{in_},Rebecca Quillan,loan 4213,T1
2026-11-27,5.00,USD,{out},,Bank fee,T2
"""


@pytest.mark.parametrize(("in_", "out"), [("C", "D"), ("CR", "DR"), ("贷", "借"), ("+", "-"), ("收", "付")])
def test_a_banks_direction_is_drafted_and_what_was_paid_out_stays_out(clerk, in_, out):
    """The fee the bank took is read as a debit and not loaded as money that came in."""
    stories.creditor("US1", jurisdiction="us", currency="USD", zone="America/Chicago")
    client = as_(clerk)
    answer = send(client, BOOKED.format(in_=in_, out=out).encode(), name="bank.csv", kind="bank", creditor="US1")
    load = Load.objects.get()
    assert "kind: Credit/Debit" in load.mapping and "happened_on: Booking Date" in load.mapping
    assert "Columns nobody uses" not in client.get(answer["Location"]).content.decode()
    load = services.run(load=load)
    assert (load.loaded, load.unchanged, load.rejected) == (1, 1, 0)
    assert [line.reference for line in Incoming.objects.all()] == ["T1"]


@pytest.mark.parametrize("header", ["Credit/Debit", "Type"])
def test_a_direction_nobody_mapped_refuses_the_file(clerk, header):
    """Told by its header or by its cells, by the page, the loader and the command line; `value: credit` overrules."""
    creditor = stories.creditor("US1", jurisdiction="us", currency="USD", zone="America/Chicago")
    client = as_(clerk)
    data = BOOKED.format(in_="C", out="D").replace("Credit/Debit", header).encode()
    send(client, data, name="bank.csv", kind="bank", creditor="US1")
    load = Load.objects.get()
    load = services.remap(load=load, mapping=load.mapping.replace("    kind: Credit/Debit\n", ""), kind="bank")
    text = client.get(f"/intake/files/{load.pk}/").content.decode()
    assert "looks like the direction of the money" in text and f"write kind: {header}" in text
    assert "Load the file" not in text and "cannot be loaded" in text
    own = Path(load.path).with_suffix(".yaml")
    own.write_text(load.mapping, "utf-8")
    told = services.check_file(path=Path(load.path), creditor_code="US1", kind="bank", mapping_path=own)
    assert "direction of the money" in told["problem"] and not told["good"]
    failed = services.run(load=load)
    assert failed.status == "failed" and failed.problem
    assert not Incoming.objects.exists()
    load = services.accept(
        creditor=creditor, kind="bank", file=io.BytesIO(data.replace(b",D,", b",C,")), name="all.csv",
        mapping=load.mapping + "    kind: {value: credit}\n",
    )  # fmt: skip
    assert services.run(load=load).loaded == 2


def test_the_shipped_statement_of_a_chinese_bank_needs_no_yaml(clerk):
    """Its bars, 20260301, 贷, 借 and 退汇 are understood by the draft as it is, and told in words."""
    stories.creditor("NEW", name_zh="新贷款公司")
    clerk.language = "zh-hans"
    clerk.save(update_fields=["language"])
    client = as_(clerk)
    data = (Path(__file__).parents[3] / "examples/bank/cnaps.txt").read_bytes()
    text = client.get(send(client, data, name="cnaps.txt", kind="bank", creditor="NEW")["Location"]).content.decode()
    assert "收到" in text and "付出" in text and "退回" in text and ">debit<" not in text
    load = services.run(load=Load.objects.get())
    assert (load.loaded, load.unchanged, load.rejected) == (3, 1, 0)


def test_signed_amounts_say_the_direction_themselves(clerk):
    """A negative amount goes back as a row; the column of the direction says nothing new."""
    creditor = stories.creditor("US1", jurisdiction="us", currency="USD", zone="America/Chicago")
    data = BOOKED.format(in_="C", out="D").replace(",5.00", ",-5.00").encode()
    _kind, text = services.draft_mapping(
        creditor=creditor, columns=data.decode().splitlines()[0].split(","), kind="bank", name="bank.csv"
    )
    load = services.accept(
        creditor=creditor, kind="bank", file=io.BytesIO(data), name="bank.csv",
        mapping=text.replace("    kind: Credit/Debit\n", ""),
    )  # fmt: skip
    load = services.run(load=load)
    assert (load.loaded, load.rejected) == (1, 1)


def test_a_draft_speaks_of_the_creditors_country_whatever_the_headers_are(clerk):
    """A Chinese creditor's statement, its names English, sent by somebody who reads English: Chinese habits."""
    bank = stories.creditor("NEW", name_zh="新贷款公司")
    columns = ["reference", "happened_on", "cents", "currency", "payer"]
    kind, text = services.draft_mapping(creditor=bank, columns=columns, kind="bank", name="camt053.xml")
    defaults = yaml.safe_load(text)["defaults"]
    assert (kind, defaults["country"], defaults["language"]) == ("bank", "CN", "zh")
    assert defaults["dates"] == ["YYYY-MM-DD", "YYYY/M/D", "YYYYMMDD"]
    ours = stories.creditor("US1", jurisdiction="us", currency="USD", zone="America/Chicago")
    _kind, text = services.draft_mapping(creditor=ours, columns=["借据号", "剩余本金"], kind="accounts", name="a.csv")
    assert yaml.safe_load(text)["defaults"]["dates"] == ["YYYY-MM-DD", "MM/DD/YYYY"]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"%PDF-1.7 not a table at all", "cannot be read as a table"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "cannot be read as a table"),
        (b"PK\x03\x04 torn", "cannot be read as a table"),
    ],
)
def test_a_file_that_is_none_is_refused_and_not_kept(bank, clerk, tmp_path, data, says):
    answer = send(as_(clerk), data, name="x.xlsx")
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not Load.objects.exists()


def test_a_zip_bomb_is_refused(bank, clerk):
    """A workbook whose one sheet unpacks to 300 MB of blanks."""
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", "<Types/>")
        with made.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _ in range(300):
                sheet.write(b" " * (1 << 20))
    answer = send(as_(clerk), bomb.getvalue(), name="bomb.xlsx")
    assert answer.status_code == 422
    assert not Load.objects.exists()


def test_a_file_over_the_limit_is_not_kept(bank, clerk, monkeypatch):
    monkeypatch.setattr(uploading, "bytes_max", lambda: 1 << 20)
    answer = send(as_(clerk), b"a,b\n" + b"1,2\n" * (1 << 19))
    assert answer.status_code == 422
    assert "larger than 1 MB" in answer.content.decode()
    assert not Load.objects.exists()


def test_a_form_from_elsewhere_is_refused(bank, clerk):
    client = Client(enforce_csrf_checks=True)
    client.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    assert send(client, table("accounts", ROWS[0])).status_code == 403
    assert not Load.objects.exists()


def test_what_is_missing_in_the_form_is_said(bank, clerk):
    answer = as_(clerk).post("/intake/files/upload/", {"creditor": "nobody", "kind": "cars"})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "Choose whose file it is." in text and "Choose a file." in text


def test_a_discarded_file_is_gone_and_its_coming_is_kept(bank, clerk, django_capture_on_commit_callbacks, tmp_path):
    client = as_(clerk)
    send(client, table("accounts", ROWS[0]))
    load = Load.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/intake/files/{load.pk}/discard/")
    assert not Load.objects.exists()
    assert not list(tmp_path.rglob("*.csv"))
    assert list(Entry.objects.filter(subject="load").order_by("id").values_list("verb", flat=True)) == [
        "load.accepted", "load.discarded",
    ]  # fmt: skip


def test_a_loaded_file_is_not_discarded(bank, clerk):
    client = as_(clerk)
    send(client, table("accounts", ROWS[0]))
    load = Load.objects.get()
    client.post(f"/intake/files/{load.pk}/load/")
    client.post(f"/intake/files/{load.pk}/discard/")
    assert Load.objects.get().status == "queued"


def test_a_file_of_another_kind_shows_why_it_failed(bank, clerk):
    """The kept file changes under way: the load fails whole, the page says why and offers another try."""
    client = as_(clerk)
    send(client, table("accounts", ROWS[0]))
    load = Load.objects.get()
    client.post(f"/intake/files/{load.pk}/load/")
    with open(load.path, "wb") as file:
        file.write(b"%PDF-1.7")
    load_later(load.pk)
    text = client.get(f"/intake/files/{load.pk}/").content.decode()
    assert "Nothing of this file was loaded." in text and "Load again" in text
    assert load.path.rsplit("/", 1)[1] not in text, "the name it is kept under is nobody's business"


def test_an_interrupted_load_can_be_started_again(bank, clerk):
    client = as_(clerk)
    send(client, table("accounts", ROWS[0]))
    load = Load.objects.get()
    Load.objects.update(status="loading", rows_read=1, rows_total=9)
    text = client.get(f"/intake/files/{load.pk}/").content.decode()
    assert "interrupted" in text and "hx-trigger" not in text
    client.post(f"/intake/files/{load.pk}/load/")
    load_later(load.pk)
    load.refresh_from_db()
    assert (load.status, load.loaded) == ("done", 1)


def test_a_running_load_shows_how_far_it_is(bank, clerk, monkeypatch):
    client = as_(clerk)
    send(client, table("accounts", ROWS[0]))
    load = Load.objects.get()
    Load.objects.update(status="loading", rows_read=3_000, rows_total=12_000, step="rows")
    monkeypatch.setattr(services, "interrupted", list)
    text = client.get(f"/intake/files/{load.pk}/", HTTP_HX_REQUEST="true").content.decode()
    assert "<html" not in text and "3,000" in text and "25%" in text and "Checking and loading rows" in text
    assert 'hx-trigger="every 1s"' in text


@pytest.mark.parametrize("role", [Role.COLLECTOR, Role.CREDITOR, Role.COMPLIANCE, Role.PRIVACY])
def test_files_are_not_for_everybody(bank, clerk, role):
    send(as_(clerk), table("accounts", ROWS[0]))
    load = Load.objects.get()
    client = as_(stories.user(role))
    for path in ("", f"{load.pk}/", f"{load.pk}/returned/"):
        assert client.get(f"/intake/files/{path}").status_code == 403
    for path in ("mapping", "load", "discard"):
        assert client.post(f"/intake/files/{load.pk}/{path}/").status_code == 403


def test_the_list_takes_the_same_queries_for_any_length(bank, clerk, django_assert_max_num_queries):
    client = as_(clerk)
    for n in range(25):
        Load.objects.create(
            creditor=bank, kind="dues", name=f"{n}.csv", path="/x", sha256="0" * 64, mapping="", by=clerk
        )
    with django_assert_max_num_queries(7):
        assert client.get("/intake/files/").content.decode().count("<tr data-row") == 25


def test_a_creditor_is_added_by_the_page_and_its_first_file_needs_no_command_line(clerk):
    """Nothing known: a code, a name and a country are enough; the mapping begins with the creditor's own facts."""
    client = as_(clerk)
    assert "add the first one below" in client.get("/intake/files/").content.decode()
    told = {"code": "east-bank", "name_zh": "东岸银行", "name_en": "East Bank", "country": "TW"}
    answer = client.post("/intake/files/creditor/", told)
    assert answer["Location"] == "/intake/files/?creditor=east-bank"
    made = Creditor.objects.get()
    assert (made.name_en, made.jurisdiction, made.currency, made.zone) == ("East Bank", "cn", "TWD", "Asia/Taipei")
    assert Entry.objects.get(verb="creditor.added").actor_id == clerk.pk

    again = client.post("/intake/files/creditor/", told)
    assert again.status_code == 422 and "of this code already" in again.content.decode()
    bad = client.post("/intake/files/creditor/", {"code": "x y", "country": "??"})
    assert bad.status_code == 422 and Creditor.objects.count() == 1

    send(client, table("accounts", {"account": "A1", "principal": "1.00"}), creditor="east-bank")
    mapping = Load.objects.get().mapping
    assert "currency: TWD" in mapping and "ref: east-bank" in mapping
