"""draw_result.py COMPARISON.json TITLE >FILE.svg   draws what `sure compare` found: a bar of the metric for each method.

`make demo` leaves output/demo/comparison.json; docs/result.svg was drawn from the table in the README.
"""

import json
import sys
from html import escape
from pathlib import Path

WIDTH, ROW, TOP, LEFT, BAR = 640, 28, 44, 110, 330


def row(index: int, method: dict, best: float) -> str:
    y = TOP + index * ROW
    value = method["mean"]
    colour = "#1f6feb" if value == best else "#8bb8f5"
    return (
        f'<text x="{LEFT - 8}" y="{y + 14}" text-anchor="end">{escape(method["method"])}</text>'
        f'<rect x="{LEFT}" y="{y}" width="{BAR * value:.1f}" height="18" fill="{colour}"/>'
        f'<text x="{LEFT + BAR * value + 6:.1f}" y="{y + 14}">{value:.3f}</text>'
        f'<text x="{WIDTH - 12}" y="{y + 14}" text-anchor="end" fill="#555">'
        f'{method["trained"]:,} trained ({method["share_percent"]:.2f} %)</text>'
    )


def draw(comparison: dict, title: str) -> str:
    methods = comparison["methods"]
    height = TOP + len(methods) * ROW + 8
    best = max(method["mean"] for method in methods)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" '
        f'font-size="13"><rect width="100%" height="100%" fill="white"/>'
        f'<text x="12" y="24" font-weight="bold">{escape(title)}</text>'
    )
    return head + "".join(row(i, method, best) for i, method in enumerate(methods)) + "</svg>\n"


if __name__ == "__main__":
    sys.stdout.write(draw(json.loads(Path(sys.argv[1]).read_text()), sys.argv[2]))
