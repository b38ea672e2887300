"""The price of a collector's minute: the dual of handing out scarce time. Used through `planning.allocation`.

docs/planning.md tells the method and what the prices mean.
"""

from typing import Final

import numpy as np

from fairdue.planning.columns import F64, I32, I64, NOBODY, Bool
from fairdue.planning.work import Classes, Team, Work

_SAMPLE: Final = 40_000  # cases on which the first prices are sought
_ROUGH: Final = ((6.0, 80), (20.0, 60), (60.0, 60), (200.0, 60), (600.0, 60))  # (sharpness, rounds)
_FINE: Final = ((200.0, 20), (600.0, 40), (2000.0, 40))
_FAIR_ROUNDS: Final = 300


class Market:
    """Finds the price of a minute of each group of collectors who can take the same classes of cases.

    At the right prices every case takes the best offer (its owner's, or the cheapest who can), or stays away because
    its value does not cover the price, and no group is asked for more than it has. Any prices at all give a bound no
    plan can beat (linear programming duality), so the bound is certain even where the prices are a little off.
    """

    def __init__(self, work: Work, team: Team, classes: Classes, open_: I64, owner_bonus: float) -> None:
        some_can = classes.can.any(axis=1)
        served = classes.can[some_can]
        groups, of = np.unique(served, axis=1, return_inverse=True)
        self.group_of = np.asarray(of, dtype=np.int64).reshape(-1)
        self.can = groups
        self.capacity = np.bincount(self.group_of, team.minutes, minlength=groups.shape[1]).astype(np.float64)
        self.open = open_
        self.minutes = work.minutes[open_].astype(np.float64)
        self.density = work.value[open_] / self.minutes
        self.class_of = (np.cumsum(some_can) - 1)[classes.of[open_]]
        owner_can = classes.owner_can(work)[open_]
        self.owner_group = np.full(len(open_), NOBODY, dtype=np.int64)
        self.owner_group[owner_can] = self.group_of[work.owner[open_[owner_can]]]
        self.bonus = 1.0 + owner_bonus

    def prices(self) -> F64:
        """Cents a minute by group: first on a sample, then on the cases that could possibly be worth their price."""
        if not len(self.open) or not self.capacity.sum():
            return np.zeros(len(self.capacity))
        every = np.arange(len(self.open))
        step = max(1, len(every) // _SAMPLE)
        sample = np.argsort(self.class_of, kind="stable")[::step]
        log_price = self._solve(sample, self.capacity / step, self._first_guess(), _ROUGH)
        if step > 1:
            log_price = self._solve(self.worth_a_look(np.exp(log_price), 0.7), self.capacity, log_price, _FINE)
        prices = np.exp(log_price)
        return np.where(prices <= self._floor() * 1.01, 0.0, prices)

    def worth_a_look(self, prices: F64, share: float) -> I64:
        """Cases whose value comes to at least `share` of the lowest price they could have."""
        lowest = self._lowest(prices)[self.class_of]
        owner = np.where(self.owner_group >= 0, prices[self.owner_group], np.inf)
        return np.flatnonzero(self.density * self.bonus >= share * np.minimum(lowest, owner))

    def bound(self, prices: F64) -> int:
        """Cents that no plan can exceed: all capacity at its price, plus what each case is worth above its price."""
        above = self.minutes * np.maximum(self.density - self._lowest(prices)[self.class_of], 0)
        return int(np.ceil(float(prices @ self.capacity) + float(above.sum())))

    def wants(self, prices: F64) -> tuple[Bool, Bool]:
        """Of the open cases: which are worth a minute's price at all, and which are best with their owner."""
        above = self.density - self._lowest(prices)[self.class_of]
        with_owner = np.where(self.owner_group >= 0, self.density * self.bonus - prices[self.owner_group], -np.inf)
        at_owner = (with_owner >= above) & (with_owner >= 0)
        return at_owner | (above >= 0), at_owner

    def fair_levels(self, chosen: Bool) -> F64:
        """Share of its minutes each group is asked for when the chosen cases are spread as evenly as skills allow."""
        demand = np.bincount(self.class_of[chosen], self.minutes[chosen], minlength=len(self.can))
        capacity, can = self.capacity, self.can.astype(np.float64)
        weight = capacity.copy()
        level = np.zeros(len(weight))
        for _ in range(_FAIR_ROUNDS):
            reach = np.maximum(can @ weight, 1e-300)
            per_weight = can.T @ (demand / reach)
            level = np.where(capacity > 0, weight * per_weight / np.maximum(capacity, 1), 0)
            # The level of those who share work with a group, weighed by how much they share.
            around = can.T @ (demand / reach * (can @ (weight * level) / reach))
            ratio = np.where((level > 0) & (per_weight > 0), around / np.maximum(per_weight * level, 1e-300), 1.0)
            weight = np.clip(weight * np.clip(ratio, 0.3, 3.0) ** 0.8, 1e-90, 1e90) * (capacity > 0)
        return np.minimum(level, 1.0)

    def _first_guess(self) -> F64:
        """One price for all: that at which demand would meet capacity if everybody could do everything."""
        best_first = np.argsort(-self.density)
        taken = np.searchsorted(np.cumsum(self.minutes[best_first]), self.capacity.sum())
        price = self.density[best_first[taken]] if taken < len(best_first) else self._floor()
        return np.full(len(self.capacity), np.log(max(float(price), self._floor())))

    def _floor(self) -> float:
        return float(self.density.min()) / 2 if len(self.density) else 1.0

    def _lowest(self, prices: F64) -> F64:
        """Lowest price by class."""
        lowest: F64 = np.where(self.can, prices[None, :], np.inf).min(axis=1, initial=np.inf)
        return lowest

    def _solve(self, cases: I64, capacity: F64, log_price: F64, stages: tuple[tuple[float, int], ...]) -> F64:
        """Raise the price of groups asked for too much, lower that of the others, in ever finer steps.

        A class spreads over groups of nearly the same price; `sharpness` says how nearly. The prices with the least
        bound on these cases win.
        """
        density, minutes, class_of = self.density[cases], self.minutes[cases], self.class_of[cases]
        owner_group = self.owner_group[cases]
        has_owner = owner_group >= 0
        own = np.where(has_owner, owner_group, 0)
        floor = np.log(self._floor())
        log_capacity = np.log(np.maximum(capacity, 1e-9))
        best, best_bound = log_price, np.inf
        for sharpness, rounds in stages:
            for round_ in range(rounds):
                share, class_price = self._shares(log_price, log_capacity, sharpness)
                above = density - class_price[class_of]
                with_owner = np.where(has_owner, density * self.bonus - np.exp(log_price)[own], -np.inf)
                at_owner = (with_owner >= above) & (with_owner > 0)
                elsewhere = ~at_owner & (above > 0)
                load: F64 = np.zeros(len(capacity))
                load += np.bincount(own[at_owner], minutes[at_owner], minlength=len(capacity))
                load += share.T @ np.bincount(class_of[elsewhere], minutes[elsewhere], minlength=len(self.can))
                excess = np.log(np.maximum(load, 1e-9)) - log_capacity
                log_price = np.maximum(log_price + np.clip(excess, -1.0, 1.0) * (1.5 / sharpness), floor)
                if round_ % 10 == 9:
                    bound = self._bound_of(np.exp(log_price), capacity, density, minutes, class_of)
                    if bound < best_bound:
                        best, best_bound = log_price, bound
        return best

    def _bound_of(self, prices: F64, capacity: F64, density: F64, minutes: F64, class_of: I32) -> float:
        paid = np.where(prices <= self._floor() * 1.01, 0.0, prices)
        above = minutes * np.maximum(density - self._lowest(paid)[class_of], 0)
        return float(paid @ capacity) + float(above.sum())

    def _shares(self, log_price: F64, log_capacity: F64, sharpness: float) -> tuple[F64, F64]:
        """How a class spreads over groups (rows add up to 1), and the price it then faces."""
        pull = np.where(self.can, log_capacity - sharpness * log_price, -np.inf)
        top = pull.max(axis=1, keepdims=True)
        share = np.exp(pull - top)
        total = share.sum(axis=1, keepdims=True)
        reach = np.log(self.can @ np.exp(log_capacity))
        class_price = np.exp((reach - top[:, 0] - np.log(total[:, 0])) / sharpness)
        return share / total, class_price
