"""Hands out the cases at the prices found and evens out the loads. Used through `planning.allocation`."""

from typing import Final

import numpy as np

from fairdue.planning.columns import F64, I8, I64, NOBODY
from fairdue.planning.prices import Market
from fairdue.planning.work import Classes, Placement, Team, Work

_EXCHANGES: Final = 400
_EXCHANGE_WORK: Final = 3_000_000  # cases looked at to find room for those left over
_TRIES: Final = 12
_MOVES: Final = 3_000


class Handout:
    """Hands out the cases one by one at the prices found, then evens out the loads."""

    def __init__(self, work: Work, team: Team, classes: Classes, market: Market, prices: F64, spread: float) -> None:
        self._work, self._classes, self._market, self._prices = work, classes, market, prices
        self._price_of = prices[market.group_of]
        self.level = np.zeros(len(self._price_of))
        self._spread = spread
        self._slack = 0.3 * spread
        self._bonus = market.bonus - 1.0
        self.capacity = team.minutes.astype(np.int64)
        self.load = np.zeros(len(self.capacity), dtype=np.int64)
        self.collector = np.full(len(work.value), NOBODY, dtype=np.int32)
        self._evened = np.zeros(len(work.value), dtype=np.bool_)
        self._owner_can = classes.owner_can(work)
        self._who = [np.flatnonzero(row) for row in classes.can]
        self._limit = self.capacity

    def place(self) -> None:
        """Owners first, then whoever is cheapest and least loaded, the best value a minute first; then fill up."""
        market, work = self._market, self._work
        if not len(market.open):
            return
        wanted, at_owner = market.wants(self._prices)
        best_first = np.argsort(-market.density, kind="stable")
        self.level = market.fair_levels(wanted)[market.group_of]
        self._limit = np.minimum(self.capacity, np.ceil((self.level + self._slack) * self.capacity)).astype(np.int64)
        self._to_owners(market.open[best_first[at_owner[best_first]]])
        self._to_anyone(market.open[best_first[wanted[best_first]]])
        self._to_anyone(market.open[best_first])
        self._limit = self.capacity
        self._to_anyone(market.open[best_first])
        self._exchange(market.open[best_first])
        self._to_anyone(market.open[best_first])
        self._home(np.flatnonzero((self.collector >= 0) & self._owner_can & (self.collector != work.owner)))
        for case, collectors in self._classes.barred.items():
            assert int(self.collector[case]) not in collectors, "a case went to a collector who must not meet it"

    def _to_owners(self, cases: I64) -> None:
        owner, minutes = self._work.owner[cases].tolist(), self._work.minutes[cases].tolist()
        free = (self._limit - self.load).tolist()
        for case, mine, needed in zip(cases.tolist(), owner, minutes, strict=True):
            if needed <= free[mine]:
                free[mine] -= needed
                self.collector[case] = mine
        self.load = self._limit - np.array(free, dtype=np.int64)

    def _to_anyone(self, cases: I64) -> None:
        """In the order given; a class that found nobody for so many minutes is not asked again for as many."""
        work, of = self._work, self._classes.of
        free = self._limit - self.load
        most = np.array([free[who].max(initial=0) for who in self._who], dtype=np.int64)
        cases = cases[(self.collector[cases] < 0) & (work.minutes[cases] <= most[of[cases]])]
        shut = np.full(len(self._who), np.iinfo(np.int64).max)
        for case, class_, needed in zip(cases.tolist(), of[cases].tolist(), work.minutes[cases].tolist(), strict=True):
            if needed >= shut[class_]:
                continue
            taker = self._taker(case, class_, needed)
            if taker >= 0:
                self._give(case, taker)
            elif case not in self._classes.barred:
                shut[class_] = needed

    def _taker(self, case: int, class_: int, needed: int) -> int:
        """Of those who have room: the owner, unless his minutes are needed more than he knows the case better; else of
        the cheapest the one with the least load."""
        who = self._who[class_]
        who = who[self.load[who] + needed <= self._limit[who]]
        if case in self._classes.barred:
            who = who[~np.isin(who, list(self._classes.barred[case]))]
        if not len(who):
            return NOBODY
        price = self._price_of[who]
        cheapest = price.min()
        owner = self._work.owner[case]
        at_owner = np.flatnonzero(who == owner)
        if len(at_owner) and (price[at_owner[0]] - cheapest) * needed <= self._bonus * self._work.value[case]:
            return int(owner)
        who = who[price <= cheapest * 1.02]
        return int(who[np.argmin(self.load[who] / self.capacity[who] - self.level[who])])

    def _give(self, case: int, taker: int) -> None:
        before = self.collector[case]
        if before >= 0:
            self.load[before] -= self._work.minutes[case]
        self.collector[case] = taker
        if taker >= 0:
            self.load[taker] += self._work.minutes[case]

    def _exchange(self, cases: I64) -> None:
        """The best cases left over: make room for each by moving another on, or let it replace a lesser one."""
        placed = np.flatnonzero(self.collector >= 0)
        most = min(_EXCHANGES, _EXCHANGE_WORK // max(len(placed), 1))
        left = cases[self.collector[cases] < 0][:most]
        for case in left.tolist():
            if self._make_room(case, placed) or self._replace(case, placed):
                placed = np.flatnonzero(self.collector >= 0)

    def _room_without(self, case: int, placed: I64) -> I64:
        """Of the placed cases, those whose going away would leave room for this one."""
        mine = self.collector[placed]
        can = self._classes.can[self._classes.of[case], mine]
        if case in self._classes.barred:
            can &= ~np.isin(mine, list(self._classes.barred[case]))
        room = (self.capacity - self.load)[mine] + self._work.minutes[placed]
        with_room: I64 = placed[can & (room >= self._work.minutes[case])]
        return with_room

    def _make_room(self, case: int, placed: I64) -> bool:
        """Place the case where another can move on to somebody with time left."""
        work = self._work
        rows = self._room_without(case, placed)
        most = np.where(self._classes.can, (self.capacity - self.load)[None, :], -1).max(axis=1)
        rows = rows[most[self._classes.of[rows]] >= work.minutes[rows]]
        for moved in rows[:_TRIES].tolist():
            home = int(self.collector[moved])
            self._give(moved, NOBODY)
            self._give(case, home)
            taker = self._taker(moved, int(self._classes.of[moved]), int(work.minutes[moved]))
            if taker >= 0:
                self._give(moved, taker)
                return True
            self._give(case, NOBODY)
            self._give(moved, home)
        return False

    def _replace(self, case: int, placed: I64) -> bool:
        """Place the case instead of the least valuable one that leaves it enough room and is worth less."""
        rows = self._room_without(case, placed)
        if not len(rows):
            return False
        least = int(rows[np.argmin(self._work.value[rows])])
        if self._work.value[least] >= self._work.value[case]:
            return False
        taker = int(self.collector[least])
        self._give(least, NOBODY)
        self._give(case, taker)
        return True

    def _home(self, away: I64) -> None:
        """Cases with somebody else go back to an owner who has room."""
        work = self._work
        for case in away[np.argsort(-work.value[away], kind="stable")].tolist():
            owner, now, needed = int(work.owner[case]), int(self.collector[case]), int(work.minutes[case])
            fair = (self.level[owner] + self._slack) * self.capacity[owner]
            has_room = self.load[owner] + needed <= min(fair, self.capacity[owner])
            if has_room and self._off(now) - needed / self.capacity[now] >= -self._slack:
                self._give(case, owner)

    def _off(self, collector: int) -> float:
        """Load above the fair level, as share of capacity."""
        return float(self.load[collector] / self.capacity[collector] - self.level[collector])

    def balance(self) -> None:
        """Even out loads that are off their fair level, first with cases that are not their owner's, then with any."""
        self.level = self._market.fair_levels(self.collector[self._market.open] >= 0)[self._market.group_of]
        for keep_owned in (True, False):
            stuck = np.zeros(len(self.load), dtype=np.bool_)
            placed = np.flatnonzero(self.collector >= 0)
            for _ in range(_MOVES):
                off = np.where(stuck, 0.0, self._all_off())
                if np.abs(off).max(initial=0.0) <= self._slack:
                    break
                worst = int(np.argmax(np.abs(off)))
                stuck[worst] = not self._even_out(worst, placed, keep_owned)
        self._even_pairs()

    def _even_pairs(self) -> None:
        """Move cases between any two collectors whose loads differ by more than the spread, widest gap first."""
        work, of, can = self._work, self._classes.of, self._classes.can
        placed = np.flatnonzero(self.collector >= 0)
        counts = np.zeros(can.shape, dtype=np.int64)
        np.add.at(counts, (of[placed], self.collector[placed]), 1)
        capacity = np.maximum(self.capacity, 1)
        given_up = np.zeros(len(can), dtype=np.bool_)
        for _ in range(_MOVES if len(placed) else 0):
            load = self.load / capacity
            most = np.where(counts > 0, load[None, :], -1.0)
            least = np.where(can, load[None, :], np.inf)
            gap = np.where(given_up, -1.0, most.max(axis=1) - least.min(axis=1))
            class_ = int(np.argmax(gap))
            if gap[class_] <= self._spread:
                break
            now, to = int(np.argmax(most[class_])), int(np.argmin(least[class_]))
            cases = placed[(of[placed] == class_) & (self.collector[placed] == now)]
            cases = cases[[to not in self._classes.barred.get(case, ()) for case in cases.tolist()]]
            step = work.minutes[cases] * (1 / capacity[now] + 1 / capacity[to])
            cases = cases[(step < gap[class_]) & (self.load[to] + work.minutes[cases] <= self.capacity[to])]
            given_up[class_] = not len(cases)
            if len(cases):
                case = int(cases[np.argmax(2 * (work.owner[cases] == to) - (work.owner[cases] == now))])
                self._evened[case] = work.owner[case] == now
                counts[class_, [now, to]] += (-1, 1)
                self._give(case, to)

    def _all_off(self) -> F64:
        """Loads above their fair level, as share of capacity; 0 where there is no capacity."""
        return np.where(self.capacity > 0, self.load / np.maximum(self.capacity, 1) - self.level, 0.0)

    def _even_out(self, worst: int, placed: I64, keep_owned: bool) -> bool:
        """Move one case to or from `worst` so that both sides come nearer; False when there is none to move."""
        work, off = self._work, self._all_off()
        cases, to = self._moves_from(worst, placed) if off[worst] > 0 else self._moves_to(worst, placed)
        now, needed = self.collector[cases], work.minutes[cases]
        fits = self.load[to] + needed <= self.capacity[to]
        if keep_owned:
            fits &= work.owner[cases] != now
        gain = (
            off[now] - off[to] - needed / np.maximum(self.capacity[now], 1) - needed / np.maximum(self.capacity[to], 1)
        )
        gain = np.where(fits, gain, 0.0)
        for row in np.flatnonzero(np.isin(cases, list(self._classes.barred))) if self._classes.barred else ():
            gain[row] *= int(to[row]) not in self._classes.barred[int(cases[row])]
        if gain.max(initial=0.0) <= 1e-9:
            return False
        best = int(np.argmax(gain + 1e-3 * ((gain > 0) & (work.owner[cases] == to))))
        case = int(cases[best])
        self._evened[case] = work.owner[case] == now[best]
        self._give(case, int(to[best]))
        return True

    def _moves_to(self, worst: int, placed: I64) -> tuple[I64, I64]:
        """Cases of others that `worst` can take."""
        cases = placed[(self.collector[placed] != worst) & self._classes.can[self._classes.of[placed], worst]]
        return cases, np.full(len(cases), worst, dtype=np.int64)

    def _moves_from(self, worst: int, placed: I64) -> tuple[I64, I64]:
        """Every case of `worst` with everyone else who can take it."""
        mine = placed[self.collector[placed] == worst]
        can = self._classes.can[self._classes.of[mine]].copy()
        can[:, worst] = False
        rows, to = np.nonzero(can)
        return mine[rows], to.astype(np.int64)

    def placements(self) -> I8:
        """Why each case is where it is."""
        work, placed = self._work, self.collector >= 0
        return np.select(
            [
                self._classes.placement != 0,
                ~placed,
                self.collector == work.owner,
                work.owner < 0,
                ~self._owner_can,
                self._evened,
            ],
            [
                self._classes.placement,
                Placement.NO_TIME,
                Placement.WITH_OWNER,
                Placement.NEW,
                Placement.OWNER_CANNOT,
                Placement.BALANCED,
            ],
            default=Placement.OWNER_FULL,
        ).astype(np.int8)

    def spread(self) -> float:
        """Greatest less least deviation from the fair level."""
        off = self._all_off()[self.capacity > 0]
        return float(np.ptp(off)) if len(off) else 0.0
