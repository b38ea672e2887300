"""Who works on what: nobody twice, nobody overworked, owners kept, loads even, and near the best that can be."""

from dataclasses import replace

import highspy
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairdue.planning.allocation import NOBODY, Placement, Team, Work, allocate, placement_text

DAY = {
    "language": 0,
    "bucket": 1,
    "product": 0,
    "owner": NOBODY,
    "opens": 480,
    "closes": 1320,
    "minutes": 10,
    "value": 100,
}
SHIFT = {"minutes": 60, "languages": {0}, "buckets": {1}, "products": {0}, "starts": 540, "ends": 1080}


def work_of(*cases, **more):
    rows = [DAY | case for case in cases]

    def column(name, kind):
        return np.array([row[name] for row in rows], dtype=kind)

    return Work(
        value=column("value", "i8"), minutes=column("minutes", "i2"), language=column("language", "i1"),
        bucket=column("bucket", "i1"), product=column("product", "i2"), owner=column("owner", "i4"),
        window_start=column("opens", "i2"), window_end=column("closes", "i2"), **more,
    )  # fmt: skip


def team_of(*collectors):
    rows = [SHIFT | collector for collector in collectors]

    def bits(name):
        return np.array([sum(1 << code for code in row[name]) for row in rows], dtype=np.uint64)

    def column(name, kind):
        return np.array([row[name] for row in rows], dtype=kind)

    return Team(
        minutes=column("minutes", "i4"), languages=bits("languages"), buckets=bits("buckets"),
        products=bits("products"),
        shift_start=column("starts", "i2"), shift_end=column("ends", "i2"),
    )  # fmt: skip


def story(cases, collectors, **terms):
    plan = allocate(work_of(*cases), team_of(*collectors), **terms)
    return [(int(c), Placement(code).name) for c, code in zip(plan.collector, plan.placement, strict=True)]


def test_a_case_stays_with_its_owner():
    assert story([{"owner": 1}, {"owner": 0}], [{}, {}]) == [(1, "WITH_OWNER"), (0, "WITH_OWNER")]


@pytest.mark.parametrize(
    ("case", "collector", "why"),
    [
        ({"opens": 0, "closes": 0}, {}, "NO_WINDOW"),
        ({"opens": 700, "closes": 600}, {}, "NO_WINDOW"),
        ({"language": 3}, {}, "NO_SKILL"),
        ({"bucket": 2}, {}, "NO_SKILL"),
        ({"product": 2}, {}, "NO_SKILL"),
        ({"opens": 1080, "closes": 1320}, {}, "NO_SHIFT"),
        ({"opens": 480, "closes": 549}, {}, "NO_SHIFT"),  # nine minutes of shift for a case of ten
        ({"minutes": 61}, {}, "NO_SHIFT"),
        ({"value": 0}, {}, "NOTHING_TO_DO"),
    ],
)
def test_what_cannot_be_placed_says_why(case, collector, why):
    assert story([case], [collector]) == [(NOBODY, why)]


def test_the_best_value_a_minute_gets_the_scarce_time():
    cases = [{"value": 100}, {"value": 90, "minutes": 5}, {"value": 80}, {"value": 60, "minutes": 5}]
    assert [c for c, _ in story(cases, [{"minutes": 20}])] == [0, 0, NOBODY, 0]


def test_an_owner_who_lacks_the_skill_hands_over():
    assert story([{"owner": 1}], [{}, {"languages": {5}}]) == [(0, "OWNER_CANNOT")]


def test_an_owner_whose_day_is_full_hands_over_the_lesser_cases():
    cases = [{"owner": 0, "value": 100 + i} for i in range(12)]
    result = story(cases, [{}, {}])
    assert [why for _, why in result].count("WITH_OWNER") == 6
    assert {c for c, why in result if why != "WITH_OWNER"} == {1}


def test_a_rare_skill_is_kept_for_those_who_need_it():
    spanish = [{"language": 1, "value": 80} for _ in range(6)]
    chinese = [{"language": 0, "value": 100} for _ in range(6)]
    result = story(chinese + spanish, [{}, {"languages": {0, 1}}])
    assert [c for c, _ in result] == [0] * 6 + [1] * 6


def test_prices_tell_where_an_hour_is_worth_most():
    cases = [{"language": 1, "value": 300} for _ in range(20)] + [{"value": 100} for _ in range(3)]
    plan = allocate(work_of(*cases), team_of({}, {"languages": {1}}))
    idle, scarce = plan.price_per_hour
    assert idle == 0
    assert scarce == pytest.approx(1800, rel=0.02)  # six more cases of 300
    assert ("language", 1, int(scarce)) in plan.skill_prices


def test_a_pair_that_must_not_meet_does_not():
    barred = {"barred_case": np.array([0], dtype=np.int32), "barred_collector": np.array([0], dtype=np.int32)}
    plan = allocate(work_of({"owner": 0}, {"owner": 0}, **barred), team_of({}, {}))
    assert plan.collector.tolist() == [1, 0]
    assert plan.placement[0] == Placement.OWNER_CANNOT
    alone = allocate(work_of({"owner": 0}, **barred), team_of({}))
    assert (alone.collector[0], alone.placement[0]) == (NOBODY, Placement.NO_TIME)


def test_light_days_are_shared_evenly_even_if_one_owns_everything():
    cases = [{"owner": 0} for _ in range(40)]
    plan = allocate(work_of(*cases), team_of({"minutes": 480}, {"minutes": 480}, {"minutes": 240}))
    loads = plan.load / np.array([480, 480, 240])
    assert loads.sum() == pytest.approx(1, rel=0.2)
    assert np.ptp(loads) <= 0.10
    assert (plan.collector >= 0).all()


def test_loads_even_out_along_a_chain_of_skills():
    cases = [{"bucket": 0, "minutes": 4} for _ in range(150)] + [
        {"bucket": b, "minutes": 4} for b in (1, 2) for _ in range(15)
    ]
    chain = [{"buckets": {0, 1}, "minutes": 480}, {"buckets": {1, 2}, "minutes": 480}, {"buckets": {2}, "minutes": 480}]
    plan = allocate(work_of(*cases), team_of(*chain, {"buckets": {0}, "minutes": 480}))
    loads = plan.load / 480
    assert abs(loads[0] - loads[3]) <= 0.1  # share bucket 0: 150 cases between the two
    assert abs(loads[1] - loads[2]) <= 0.1  # the first is busy enough, so these two share the rest
    assert plan.spread <= 0.1


def test_no_cases_no_team_no_minutes():
    assert len(allocate(work_of(), team_of({})).collector) == 0
    assert story([{}], []) == [(NOBODY, "NO_SKILL")]
    assert story([{}], [{"minutes": 0}]) == [(NOBODY, "NO_SHIFT")]


def test_columns_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"work\.owner: the team has rows 0 to 0, found 3"):
        allocate(work_of({"owner": 3}), team_of({}))
    with pytest.raises(ValueError, match=r"work\.minutes has 0 rows, work\.value 1"):
        allocate(replace(work_of({}), minutes=np.zeros(0, dtype=np.int16)), team_of({}))
    with pytest.raises(ValueError, match=r"work\.bucket: codes are 0 to 63"):
        allocate(work_of({"bucket": 64}), team_of({}))


def test_every_placement_reads_in_both_languages():
    for code in Placement:
        assert placement_text(code, "en").isascii()
        assert any("一" <= letter <= "鿿" for letter in placement_text(code, "zh"))


# Worlds at random.

codes = st.integers(0, 2)
some = st.sets(codes, min_size=1)
minute_of_day = st.sampled_from([480, 540, 720, 900, 1080, 1320])
case_rows = st.fixed_dictionaries(
    {
        "value": st.sampled_from([0, 1, 50, 100, 101, 5000]), "minutes": st.integers(1, 15), "language": codes,
        "bucket": codes, "product": st.just(0), "owner": st.integers(-1, 1), "opens": minute_of_day,
        "closes": minute_of_day,
    }
)  # fmt: skip
collector_rows = st.fixed_dictionaries(
    {
        "minutes": st.sampled_from([0, 5, 60, 200]), "languages": some, "buckets": some, "products": st.just({0, 1}),
        "starts": st.sampled_from([480, 720]), "ends": st.sampled_from([900, 1080]),
    }
)  # fmt: skip


def may_take(case, collector):
    knows = all(case[one] in collector[many] for one, many in (("language", "languages"), ("bucket", "buckets")))
    meets = min(case["closes"], collector["ends"]) - max(case["opens"], collector["starts"]) >= case["minutes"]
    return knows and meets and case["value"] > 0 and case["opens"] < case["closes"]


@settings(max_examples=100, deadline=None)
@given(
    cases=st.lists(case_rows, max_size=40),
    collectors=st.lists(collector_rows, min_size=2, max_size=5),
    barred=st.lists(st.tuples(st.integers(0, 39), st.integers(0, 4)), max_size=4),
)
def test_every_plan_keeps_the_rules(cases, collectors, barred):
    barred = [(i, j) for i, j in barred if i < len(cases) and j < len(collectors)]
    pairs = np.array(barred, dtype=np.int32).reshape(-1, 2)
    plan = allocate(
        work_of(*cases, barred_case=pairs[:, 0], barred_collector=pairs[:, 1]), team_of(*collectors)
    )  # one collector a case by the very form of the answer
    load = [0] * len(collectors)
    for i, (case, j) in enumerate(zip(cases, plan.collector.tolist(), strict=True)):
        able = [k for k, one in enumerate(collectors) if may_take(case, one) and case["minutes"] <= one["minutes"]]
        if j == NOBODY:
            assert plan.placement[i] < 0
            able = [k for k in able if (i, k) not in barred]
            free = [k for k in able if collectors[k]["minutes"] - plan.load[k] >= case["minutes"]]
            assert not free, "there was somebody with the skill and the time"
            assert (plan.placement[i] == Placement.NO_TIME) or not able
        else:
            assert plan.placement[i] > 0
            assert j in able
            assert (i, j) not in barred
            assert (plan.placement[i] == Placement.WITH_OWNER) == (case["owner"] == j)
            load[j] += case["minutes"]
    assert load == plan.load.tolist()
    assert all(minutes <= one["minutes"] for minutes, one in zip(load, collectors, strict=True))
    assert plan.value == sum(case["value"] for case, j in zip(cases, plan.collector, strict=True) if j >= 0)
    assert plan.value <= plan.bound


def world(seed, n, m, *, minutes=(60, 240), owners=0.6, alike=False):
    """A believable day: three languages, eight buckets, five products, two shifts."""
    r = np.random.default_rng(seed)

    def masks(choices):
        return np.array(choices, dtype=np.uint64)[r.integers(0, len(choices), m)]

    starts = np.array([480, 480, 540, 720])[r.integers(0, 4, n)]
    return (
        Work(
            value=np.maximum(1, r.lognormal(8, 1.5, n)).astype(np.int64),
            minutes=np.array([3, 4, 5, 8, 8, 10])[r.integers(0, 6, n)].astype(np.int16),
            language=np.where(r.random(n) < 0.8, 0, r.integers(0, 3, n)).astype(np.int8),
            bucket=r.integers(0, 8, n).astype(np.int8),
            product=r.integers(0, 5, n).astype(np.int16),
            owner=np.where(r.random(n) < owners, r.integers(0, m, n), NOBODY).astype(np.int32),
            window_start=starts.astype(np.int16),
            window_end=np.where(r.random(n) < 0.03, starts, 1260).astype(np.int16),
        ),
        Team(
            minutes=r.integers(*minutes, m).astype(np.int32),
            languages=masks([0b111] if alike else [0b001, 0b011, 0b101]),
            buckets=masks([0xFF] if alike else [0x0F, 0xF0, 0xFF, 0x3C]),
            products=masks([0x1F] if alike else [0x1F, 0x07, 0x1C]),
            shift_start=np.full(m, 540, dtype=np.int16),
            shift_end=np.array([1080, 1260])[r.integers(0, 2, m)].astype(np.int16),
        ),
    )


def able_pairs(work, team):
    """Case and collector of every pair that may meet, worked out without the code under test."""

    def knows(codes_, skills):
        return (skills[None, :] >> codes_.astype(np.uint64)[:, None]) & np.uint64(1) == 1

    meets = np.minimum(work.window_end[:, None], team.shift_end) - np.maximum(
        work.window_start[:, None], team.shift_start
    )
    able = knows(work.language, team.languages) & knows(work.bucket, team.buckets) & knows(work.product, team.products)
    return np.nonzero(able & (meets >= work.minutes[:, None]) & (work.window_start < work.window_end)[:, None])


def exact(work, team, *, whole):
    """HiGHS on the full model: the optimum of whole cases, or (whole=False) its bound by linear programming."""
    case, collector = able_pairs(work, team)
    n, m, pairs = len(work.value), len(team.minutes), len(case)
    model = highspy.HighsLp()
    model.sense_ = highspy.ObjSense.kMaximize
    model.num_col_, model.num_row_ = pairs, n + m
    model.col_cost_ = work.value[case].astype(float)
    model.col_lower_, model.col_upper_ = np.zeros(pairs), np.ones(pairs)
    model.row_lower_ = np.full(n + m, -highspy.kHighsInf)
    model.row_upper_ = np.r_[np.ones(n), team.minutes.astype(float)]
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = np.arange(0, 2 * pairs + 1, 2)
    model.a_matrix_.index_ = np.stack([case, n + collector], axis=1).ravel()
    model.a_matrix_.value_ = np.stack([np.ones(pairs), work.minutes[case].astype(float)], axis=1).ravel()
    if whole:
        model.integrality_ = [highspy.HighsVarType.kInteger] * pairs
    solver = highspy.Highs()
    for option, value in (("output_flag", False), ("time_limit", 20.0), ("mip_rel_gap", 1e-3), ("threads", 1)):
        solver.setOptionValue(option, value)
    solver.passModel(model)
    solver.run()
    return solver.getInfo().objective_function_value


@pytest.mark.parametrize(
    ("seed", "n", "m"), [(1, 60, 3), (2, 200, 4), (3, 300, 8), (4, 500, 10), (5, 500, 5), (6, 400, 2)]
)
def test_near_the_exact_optimum_of_whole_cases(seed, n, m):
    work, team = world(seed, n, m)
    plan = allocate(work, team)
    assert plan.value >= 0.97 * exact(work, team, whole=True)
    ceiling = exact(work, team, whole=False)
    assert plan.bound >= ceiling - 1, "a bound below what the linear programme reaches is no bound"
    assert plan.bound <= 1.01 * ceiling


@pytest.mark.parametrize("seed", range(5))
def test_scarce_time_is_used_up_and_worth_almost_what_the_bound_allows(seed):
    work, team = world(seed, 4000, 12)
    plan = allocate(work, team)
    assert plan.gap <= 0.01
    assert (plan.load / team.minutes).min() >= 0.9
    assert plan.spread <= 0.1


def test_a_big_day_is_priced_on_a_sample_and_then_on_what_could_be_worth_it():
    work, team = world(1, 100_000, 12)
    plan = allocate(work, team)
    assert plan.gap <= 0.01
    assert (plan.load / team.minutes).min() >= 0.97


@pytest.mark.parametrize("seed", range(8))
def test_on_quiet_days_equals_carry_equal_loads_and_nothing_is_left(seed):
    work, team = world(seed, 300, 6, minutes=(400, 480), alike=True)
    plan = allocate(work, team)
    open_ = work.window_start < work.window_end
    assert (plan.collector[open_] >= 0).all()
    assert np.ptp(plan.load / team.minutes) <= 0.10


@pytest.mark.parametrize("seed", range(8))
def test_no_move_of_one_case_would_make_loads_more_even_where_skills_differ(seed):
    work, team = world(seed, 350, 8, minutes=(300, 480))
    plan = allocate(work, team)
    load = plan.load / team.minutes
    case, other = able_pairs(work, team)
    now = plan.collector[case]
    moves = (now >= 0) & (now != other) & (load[now] - load[other] > 0.10)
    fits = plan.load[other] + work.minutes[case] <= team.minutes[other]
    step = work.minutes[case] / team.minutes[now] + work.minutes[case] / team.minutes[other]
    assert not (moves & fits & (load[now] - load[other] > 0.10 + step)).any()


@pytest.mark.parametrize(("seed", "n"), [(1, 350), (2, 350), (3, 4000), (4, 4000)])
def test_a_case_leaves_an_able_owner_only_if_his_day_is_full_or_for_even_loads(seed, n):
    work, team = world(seed, n, 8, minutes=(300, 480), owners=0.9)
    plan = allocate(work, team)
    moved = np.flatnonzero(plan.placement == Placement.OWNER_FULL)
    owner = work.owner[moved]
    room = np.minimum(team.minutes, (plan.fair_level + 0.03) * team.minutes) - plan.load
    assert (room[owner] < work.minutes[moved]).mean() >= 0.9 if len(moved) else True
    able = set(zip(*(column.tolist() for column in able_pairs(work, team)), strict=True))
    owned = [i for i in np.flatnonzero(plan.collector >= 0).tolist() if (i, int(work.owner[i])) in able]
    kept = sum(plan.collector[i] == work.owner[i] for i in owned) / len(owned)
    assert kept >= 0.7


def test_the_same_input_gives_the_same_plan():
    work, team = world(9, 3000, 10)
    first, second = allocate(work, team), allocate(work, team)
    assert (first.collector == second.collector).all()
