"""A creditor's file by the page: chosen, looked at, loaded, added up, its rejected rows taken; in both languages."""

from pathlib import Path

import pytest

import stories
from fairdue.accounts.models import Account
from fairdue.intake.models import Load
from fairdue.intake.tasks import load_later
from fairdue.staff.models import Role
from intake.load.banks import MAPPING, table

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = (
    {"account": "A1", "principal": "1000.00"},
    {"account": "A2", "principal": "250.50", "phone": "13900139000"},
    {"account": "A3", "principal": "much"},
)


@pytest.fixture
def risk(settings, tmp_path):
    """Somebody who may load, and one creditor with a mapping."""
    settings.MEDIA_ROOT = tmp_path / "files"
    stories.creditor("BANK", name_zh="海滨银行", name_en="Seaside Bank", mapping=MAPPING)
    return stories.user(Role.RISK, display_name="钱进", username="qian")


@pytest.fixture
def march(tmp_path) -> Path:
    path = tmp_path / "三月委案.csv"
    path.write_bytes(table("accounts", *ROWS))
    return path


def test_a_file_from_choosing_to_its_rejected_rows(desk, risk, march):
    """Three rows: two go in, the one with "much" for an amount comes back with where and how to mend."""
    desk.sign_in(risk)
    desk.go("/intake/files/")
    desk.shoot("files-zh")
    desk.page.set_input_files("#file", march)
    desk.page.get_by_role("button", name="上传并预览").click()
    desk.page.wait_for_url("**/intake/files/*/")
    desk.shoot("file-preview-zh")
    desk.shoot("file-preview-zh-narrow", width=390, height=844)
    desk.page.set_viewport_size({"width": 1440, "height": 900})
    assert "much" in desk.page.inner_text("#main, main")

    desk.page.locator("button[formaction$='/load/'], form[action$='/load/'] button.btn-primary").first.click()
    load = Load.objects.get()
    asking = desk.page.locator("#load [hx-trigger]")
    asking.first.wait_for(state="attached")
    assert not Account.objects.exists()
    load_later(load.pk)  # what the worker does
    asking.first.wait_for(state="detached")
    desk.shoot("file-result-zh")
    desk.shoot("file-result-zh-narrow", width=390, height=844)
    assert {a.external_ref for a in Account.objects.all()} == {"A1", "A2"}

    with desk.page.expect_download() as taken:
        desk.page.locator("a[href$='/returned/']").first.click()
    rows = Path(taken.value.path()).read_text("utf-8-sig").splitlines()
    assert len(rows) == 2 and "A3" in rows[1]


def test_what_is_no_table_is_refused_in_english(desk, risk, tmp_path):
    """A picture called accounts.csv: a sentence at the field, nothing kept."""
    picture = tmp_path / "accounts.csv"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4)
    desk.sign_in(risk)
    desk.speak("en")
    desk.go("/intake/files/")
    desk.page.set_input_files("#file", picture)
    desk.page.get_by_role("button", name="Upload and look").click()
    desk.page.wait_for_selector("#fault-file")
    desk.shoot("files-refused-en")
    assert not Load.objects.exists()
