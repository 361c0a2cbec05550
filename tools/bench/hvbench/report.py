# SPDX-License-Identifier: GPL-2.0
"""Medians, spread, ratios, and the table of them."""

import statistics

from . import counts, rows

DRIVERS = ("ours", "stock")
COLUMNS = ("instructions", "driver", "vmbus", "kernel", "signals", "ring",
           "completions", "interrupts", "pages", "slab", "locks", "time")


def spread(values):
    """{"median", "least", "most", "values"} of some numbers."""
    return {"median": statistics.median(values), "least": min(values),
            "most": max(values), "values": values}


def ratios(ours, stock):
    """Ours by stock, round by round; None where stock has a round without any."""
    if not ours or len(ours) != len(stock) or min(stock) <= 0:
        return None
    return spread([a / b for a, b in zip(ours, stock)])


def by_round(sections, ran, row):
    """{driver: [(round, figures, functions, section)]}, rounds that both have."""
    empty = {(section.row, section.driver, section.round): did
             for section, did in zip(sections, ran) if not counts.is_measured(section)}
    found = {}
    for section, did in zip(sections, ran):
        if section.row == row.name:
            where = section.driver, section.round
            if did:
                did = did.less(empty[rows.NOTHING, *where], empty[rows.TICK, *where])
            found.setdefault(section.driver, []).append(
                (section.round, counts.figures(row, section, did),
                 counts.functions(row, section, did), section))
    both = set.intersection(*({result[0] for result in results}
                              for results in found.values())) if found else set()
    return {driver: sorted((result for result in results if result[0] in both),
                           key=lambda result: result[0])
            for driver, results in found.items() if both}


def functions(results):
    """{function: median of its instructions}, the costliest first."""
    names = {name for result in results for name in result[2]}
    medians = {name: statistics.median(result[2].get(name, 0) for result in results)
               for name in names}
    order = sorted(medians, key=medians.get, reverse=True)
    return {name: round(medians[name], 2) for name in order}


def counters(section):
    """What the counters gained, those that did."""
    gained = {name: section.gained(name) for name in sorted(section.after)}
    return {name: value for name, value in gained.items() if value}


def of_row(row, sections, ran):
    """What a row gives: per driver and as ratios."""
    rounds = by_round(sections, ran, row)
    failed = {driver: [result[3].said[-3:] for result in results
                       if result[3].status or not result[1]]
              for driver, results in rounds.items()}
    failed = {driver: lines for driver, lines in failed.items() if lines}
    found = {"what": row.what, "unit": row.unit, "drivers": {}, "ratio": {},
             "failed": failed}
    for driver, results in rounds.items():
        if driver in failed:
            continue
        metrics = {metric for result in results for metric in result[1]}
        found["drivers"][driver] = {
            "units": [counts.units(row, result[3]) for result in results],
            "metrics": {metric: spread([result[1].get(metric, 0.0)
                                        for result in results])
                        for metric in sorted(metrics)},
            "counters": [counters(result[3]) for result in results],
            "functions": functions(results)}
    ours, stock = (found["drivers"].get(driver, {}).get("metrics", {})
                   for driver in DRIVERS)
    for metric in ours:
        if metric in stock:
            found["ratio"][metric] = ratios(ours[metric]["values"],
                                            stock[metric]["values"])
    return found


def summary(args, reader, ran):
    """Everything, as the JSON file has it."""
    found = {name: of_row(rows.find(name), reader.complete(), ran)
             for name in args.rows}
    return {"kernel": reader.kernel, "cpus": reader.cpus, "work": args.work,
            "rounds": max((len(one["units"]) for row in found.values()
                           for one in row["drivers"].values()), default=0),
            "rounds_wanted": args.rounds, "instructions_counted": any(ran),
            "rows": found}


def cell(found, metric):
    """A ratio with its spread, or both figures where there is none."""
    ratio = found["ratio"].get(metric)
    if ratio:
        half = (ratio["most"] - ratio["least"]) / 2
        return f"{ratio['median']:.2f} ±{half:.2f}"
    both = [found["drivers"].get(driver, {}).get("metrics", {}).get(metric)
            for driver in DRIVERS]
    if not any(both):
        return ""
    return ":".join(f"{one['median']:.3g}" if one else "?" for one in both)


def lines_of(name, found, columns):
    """One row of the table, and what it is about."""
    words = [f"{name:16}"] + [f"{cell(found, column):>12}" for column in columns]
    lines = [" ".join(words).rstrip()]
    for driver, said in found["failed"].items():
        lines.append(f"    {driver} failed in {len(said)} of its rounds: "
                     + " ".join(said[0]))
    return lines


def absolute(name, found):
    """The numbers themselves, of what a row is first of all about."""
    metrics = [found["drivers"].get(driver, {}).get("metrics", {})
               for driver in DRIVERS]
    for metric in ("instructions", "figure"):
        values = [one.get(metric) for one in metrics]
        if all(values):
            break
    else:
        return []
    ours, stock = (f"{value['median']:.0f}" for value in values)
    unit = (f"instructions per {found['unit']}" if metric == "instructions"
            else found["unit"])
    return [f"{name:16} {ours:>10} {stock:>10}  {cell(found, metric):>12}  "
            f"{unit}: {found['what']}"]


def table(result):
    """The table for a person."""
    found = result["rows"]
    columns = [column for column in COLUMNS
               if any(column in row["ratio"] for row in found.values())]
    lines = [f"kernel {result['kernel']}, {result['cpus']} CPUs, "
             f"{result['rounds']} rounds; ours / stock, median ±half the range; "
             "A:B where stock has none",
             " ".join([" " * 16] + [f"{column:>12}" for column in columns])]
    for name, row in found.items():
        if "figure" not in row["ratio"]:
            lines += lines_of(name, row, columns)
    numbers = [line for name, row in found.items() for line in absolute(name, row)]
    if numbers:
        lines += ["", f"{'':16} {'ours':>10} {'stock':>10}  {'ratio':>12}"] + numbers
    return "\n".join(lines)
