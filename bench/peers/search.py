"""Optuna's samplers on the problems and budgets of bench/search. Needs optuna and numpy (tools/optuna_env.sh); its
GPSampler also needs scipy and torch."""

import argparse
import csv
import lzma
import math
import statistics
import warnings

import optuna

BUDGETS = [50, 100, 200, 400]
OPERATIONS = ["none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"]


def branin(x, y):
    x, y = -5 + 15 * x, 15 * y
    bend = y - 5.1 / (4 * math.pi**2) * x**2 + 5 / math.pi * x - 6
    return bend**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10


WEIGHTS = [1, 1.2, 3, 3.2]
SLOPES = [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
CENTRES = [
    [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
    [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
    [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650],
    [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
]


def hartmann6(*at):
    return -sum(
        weight * math.exp(-sum(a * (x - p) ** 2 for a, x, p in zip(slopes, at, centres)))
        for weight, slopes, centres in zip(WEIGHTS, SLOPES, CENTRES)
    )


def zdt1(*at):
    g = 1 + 9 * sum(at[1:]) / (len(at) - 1)
    return at[0], g * (1 - math.sqrt(at[0] / g))


def rows_of(tables, name):
    with lzma.open(f"{tables}/{name}.csv.xz", "rt") as file:
        return list(csv.reader(file))[1:]


def mean(cells):
    return statistics.fmean(float(cell) for cell in cells if cell)


class Functions:
    """A function of numbers in [0, 1]."""

    def __init__(self, function, dimensions, best):
        self.function, self.dimensions, self.best = function, dimensions, best

    def costs(self, trial):
        found = self.function(*(trial.suggest_float(f"x{i}", 0, 1) for i in range(self.dimensions)))
        return found if isinstance(found, tuple) else (found,)


class Table:
    """Every point of a grid, the first dimension slowest."""

    def __init__(self, costs, dimensions, words):
        self.table, self.dimensions, self.words = costs, dimensions, words
        self.best = min(cost[0] for cost in costs)

    def costs(self, trial):
        row = 0
        for i, size in enumerate(self.dimensions):
            if self.words:
                at = OPERATIONS.index(trial.suggest_categorical(f"x{i}", OPERATIONS))
            else:
                at = trial.suggest_int(f"x{i}", 0, size - 1)
            row = row * size + at
        return self.table[row]


def area(points, corner):
    total, reached = 0, corner[1]
    for first, second in sorted(points):
        if first < corner[0] and second < reached:
            total += (corner[0] - first) * (reached - second)
            reached = second
    return total


def problem(name, tables):
    """The problem, and the corner and the area of its true front where it has one."""
    if name == "branin":
        return Functions(branin, 2, 0.39788735772973816), None, None
    if name == "hartmann6":
        return Functions(hartmann6, 6, -3.322368011415515), None, None
    if name == "zdt1":
        return Functions(zdt1, 12, 0), (1.1, 6), 6.0 - 1 / 3 + 0.1 * 6
    if name == "hpobench_segment":
        costs = [(-mean(row[5:10]),) for row in rows_of(tables, name)]
        return Table(costs, [10, 10, 3, 10, 10], False), None, None
    rows = rows_of(tables, "nasbench201_cifar100")
    if name == "nasbench201_cifar100":
        return Table([(-mean(row[8:11]),) for row in rows], [5] * 6, True), None, None
    costs = [(-mean(row[8:11]), float(row[6])) for row in rows]
    corner = (-50, 1_600_000)
    return Table(costs, [5] * 6, True), corner, area(costs, corner)


SAMPLERS = {
    "TPE": (lambda seed: optuna.samplers.TPESampler(seed=seed), 400),
    "GP": (lambda seed: optuna.samplers.GPSampler(seed=seed), 100),
    "NSGA-II": (lambda seed: optuna.samplers.NSGAIISampler(seed=seed), 400),
}
ONE = ["branin", "hartmann6", "nasbench201_cifar100", "hpobench_segment"]
TWO = ["zdt1", "nasbench201_cifar100_front"]


def run(made, corner, whole, sampler, seed, budgets):
    study = optuna.create_study(directions=["minimize"] * (2 if corner else 1), sampler=sampler(seed))
    met, scores = [], []
    for budget in budgets:
        while len(met) < budget:
            trial = study.ask()
            met.append(made.costs(trial))
            study.tell(trial, list(met[-1]))
        scores.append(area(met, corner) / whole if corner else min(cost[0] for cost in met) - made.best)
    return scores


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", default="../shared/data/tables")
    parser.add_argument("--problem", choices=ONE + TWO, help="one problem (default: all)")
    parser.add_argument("--sampler", choices=list(SAMPLERS), help="one sampler (default: all that fit)")
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--most", type=int, default=400, help="evaluations")
    given = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    for name in ONE + TWO:
        if given.problem not in (None, name):
            continue
        made, corner, whole = problem(name, given.tables)
        for title, (sampler, most) in SAMPLERS.items():
            if given.sampler not in (None, title) or (title == "NSGA-II") != (corner is not None):
                continue
            budgets = [budget for budget in BUDGETS if budget <= min(most, given.most)]
            runs = [run(made, corner, whole, sampler, seed, budgets) for seed in range(given.runs)]
            for budget, scores in zip(budgets, zip(*runs)):
                lower, median, upper = statistics.quantiles(scores, n=4, method="inclusive")
                print(
                    f"{name:27} {title:18} {budget:4}  {'front_share' if corner else 'regret'} {median:9.4f}  "
                    f"({lower:.4f} to {upper:.4f})",
                    flush=True,
                )


if __name__ == "__main__":
    main()
