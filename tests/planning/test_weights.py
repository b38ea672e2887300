"""The weights file: readable, commented line by line, and checked on load."""

from pathlib import Path

import pytest
import yaml

import fairdue.planning.weights as weights_module
from fairdue.planning.weights import WeightsError, load_weights

SHIPPED = Path(weights_module.__file__).with_name("weights.yaml")


def changed(tmp_path, change):
    found = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    change(found)
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(found), encoding="utf-8")
    return path


FAULTS = [
    (
        lambda w: w["urgency"].update(rolls_soon_days="soon"),
        "mine.yaml: urgency.rolls_soon_days is 'soon'; write a whole",
    ),
    (lambda w: w["urgency"].update(rolls_soon_days=True), "urgency.rolls_soon_days is 'True'"),
    (lambda w: w["urgency"].pop("rolls_soon_days"), "urgency.rolls_soon_days is missing"),
    (
        lambda w: w["urgency"].update(rolls_son_days=3),
        "urgency.rolls_son_days is no weight; remove it or mend its name",
    ),
    (lambda w: w["minutes"].update(call=0), "minutes.call is '0'; write a whole number from 1 to 480"),
    (lambda w: w["chance"]["by_bucket_percent"].pop(), "chance.by_bucket_percent is no list with one entry a bucket"),
    (lambda w: w["chance"]["by_bucket_percent"].__setitem__(3, 101), "chance.by_bucket_percent[3] is '101'"),
    (lambda w: w["chance"].update(least_percent=99), "chance.least_percent is above chance.most_percent"),
    (lambda w: w["willingness"]["last_payment"].reverse(), "willingness.last_payment[1].within_days does not rise"),
    (lambda w: w["willingness"].update(last_reached=[7]), "willingness.last_reached[0] is '7'"),
    (lambda w: w.update(surprise=1), "surprise is no weight"),
]


@pytest.mark.parametrize(("change", "fault"), FAULTS, ids=[fault for _, fault in FAULTS])
def test_a_mistake_names_file_field_and_cure(tmp_path, change, fault):
    with pytest.raises(WeightsError) as error:
        load_weights(changed(tmp_path, change))
    assert fault in str(error.value)


def test_all_mistakes_come_at_once(tmp_path):
    def two(w):
        w["minutes"].update(call=0)
        w["value"].clear()

    with pytest.raises(WeightsError) as error:
        load_weights(changed(tmp_path, two))
    assert len(error.value.faults) == 2


@pytest.mark.parametrize("text", ["", "[1, 2]", "a: [", "!!python/object/apply:os.system [ls]", "\x00"])
def test_a_file_that_is_no_weights_file_is_refused(tmp_path, text):
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(WeightsError, match=r"mine\.yaml"):
        load_weights(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(WeightsError, match=r"gone\.yaml: cannot be read"):
        load_weights(tmp_path / "gone.yaml")


def test_every_weight_has_a_comment_above_or_beside_it():
    section_comment = ""
    for line in SHIPPED.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith((" ", "#")):
            section_comment = line.partition("#")[2]
        elif line.strip() and not line.startswith("#"):
            assert "#" in line or section_comment or "percent" in line or line.startswith("    - "), line
