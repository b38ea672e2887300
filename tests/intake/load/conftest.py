"""Files are kept in a folder of the test's own; `bank` is a creditor who sends them."""

from pathlib import Path
from typing import Any

import pytest

from intake.load.banks import Bank
from stories import creditor


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def bank(db: None) -> Bank:
    return Bank(creditor("BANK", proof_bar=60))
