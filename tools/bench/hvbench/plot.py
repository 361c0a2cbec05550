# SPDX-License-Identifier: GPL-2.0
"""The ratios as a picture, by gnuplot."""

import shutil
import subprocess
from pathlib import Path

from . import BenchError

METRICS = ("instructions", "driver", "vmbus", "signals", "ring", "figure")
HEAD = """\
set terminal svg size 1000,{height} font "sans,13" background "white"
set output "{file}"
set title "{title}"
set style data histograms
set style histogram errorbars gap 2 lw 1
set style fill solid 0.8 border -1
set bars 0.5
set grid ytics
set yrange [0:3]
set ylabel "ours / stock"
set xtics rotate by -35
set key outside top center horizontal
set arrow from graph 0,first 1 to graph 1,first 1 nohead dt 2 front
"""


def check():
    """Whether it could be drawn."""
    if not shutil.which("gnuplot"):
        raise BenchError("--svg", "there is no gnuplot",
                         "tools/setup --bench installs it")


def drawn(result):
    """The metrics of which there is a ratio."""
    return [metric for metric in METRICS
            if any(row["ratio"].get(metric) for row in result["rows"].values())]


def data(result):
    """A line for each row: name, then median, least and most of each metric."""
    lines = []
    for name, row in result["rows"].items():
        words = [f'"{name}"']
        for metric in drawn(result):
            ratio = row["ratio"].get(metric)
            words += ([f"{ratio[key]:.4f}" for key in ("median", "least", "most")]
                      if ratio else ["NaN"] * 3)
        if any(word[0].isdigit() for word in words[1:]):
            lines.append(" ".join(words))
    return lines


def script(result, file):
    """What gnuplot is told."""
    title = (f"hv\\\\_netvsc, ours by stock, kernel {result['kernel']}, "
             f"{result['rounds']} rounds")
    head = HEAD.format(file=file, title=title, height=560)
    columns = [f"$data using {2 + 3 * at}:{3 + 3 * at}:{4 + 3 * at}:xtic(1) "
               f'title "{metric}"' for at, metric in enumerate(drawn(result))]
    return (head + "$data << EOD\n" + "\n".join(data(result)) + "\nEOD\n"
            + "plot " + ", \\\n     ".join(columns) + "\n")


def draw(result, file):
    """Write the SVG."""
    if not drawn(result):
        raise BenchError(f"--svg {file}", "no ratio was measured",
                         "see what the table says of each row")
    Path(file).parent.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(["gnuplot"], input=script(result, file), text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=120, check=False)
    if done.returncode:
        raise BenchError(f"--svg {file}", done.stdout.strip()[-500:],
                         "the other results were written")
