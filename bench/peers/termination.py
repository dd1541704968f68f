"""Optuna's pruners on the curves and orders of bench/termination. Needs optuna and numpy (tools/optuna_env.sh)."""

import argparse
import csv
import lzma
import statistics

import numpy
import optuna

EPOCHS = 50
TASKS = ["lcbench_167168", "lcbench_189873", "lcbench_189906"]
PRUNERS = {
    "SuccessiveHalving": lambda: optuna.pruners.SuccessiveHalvingPruner(min_resource=1),
    "Hyperband": lambda: optuna.pruners.HyperbandPruner(min_resource=1, max_resource=EPOCHS),
    "Median": lambda: optuna.pruners.MedianPruner(),
}


def curves_of(path):
    with lzma.open(path, "rt") as file:
        return [[float(cell) for cell in row[-EPOCHS:]] for row in list(csv.reader(file))[1:]]


def best_of(curves, order, pruner, budget):
    study = optuna.create_study(direction="maximize", pruner=pruner)
    best = 0
    begun = 0
    for one in order:
        if budget == 0:
            break
        begun += 1
        trial = study.ask()
        for epoch in range(1, EPOCHS + 1):
            if budget == 0:
                break
            budget -= 1
            score = curves[one][epoch - 1]
            trial.report(score, epoch)
            if epoch == EPOCHS:
                best = max(best, score)
                study.tell(trial, score)
            elif trial.should_prune():
                study.tell(trial, state=optuna.trial.TrialState.PRUNED)
                break
    return best, begun


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", default="../shared/data/tables")
    parser.add_argument("--orders", type=int, default=50)
    parser.add_argument("--first", type=int, default=0, help="seed of the first order")
    parser.add_argument("--pruner", choices=list(PRUNERS), help="one pruner (default: all)")
    parser.add_argument("--whole", type=int, default=100, help="configurations of the whole search")
    given = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    for task in TASKS:
        curves = curves_of(f"{given.tables}/{task}.csv.xz")
        optimum = max(curve[-1] for curve in curves)
        for name, make in PRUNERS.items():
            if given.pruner not in (None, name):
                continue
            regrets, begun, good = [], [], 0
            for seed in range(given.first, given.first + given.orders):
                order = numpy.random.default_rng(seed).permutation(len(curves))
                full = max(curves[one][-1] for one in order[: given.whole])
                best, count = best_of(curves, order, make(), given.whole * EPOCHS // 4)
                regrets.append(optimum - best)
                begun.append(count)
                good += best >= 0.99 * full
            lower, median, upper = statistics.quantiles(regrets, n=4, method="inclusive")
            print(
                f"{task} {name}: regret {median:.2f} ({lower:.2f} to {upper:.2f}), "
                f"{good / given.orders:.2f} of the orders within 1 % of four times the epochs, "
                f"{statistics.median(begun):.0f} begun",
                flush=True,
            )


if __name__ == "__main__":
    main()
