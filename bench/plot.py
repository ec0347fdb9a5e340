"""Line charts as SVG: panels in rows, each with axes from 0, ticks and named lines."""

import math
from dataclasses import dataclass, field
from html import escape

WIDTH, HEIGHT = 320, 250  # of a panel
LEFT, RIGHT, TOP, BOTTOM = 50, 12, 50, 40
COLOURS = ["#1f6feb", "#d1570f", "#2da44e", "#8250df"]
TICKS = 5


@dataclass
class Line:
    name: str
    points: list[tuple[float, float]]
    dashed: bool = False


@dataclass
class Panel:
    title: str
    x_label: str
    lines: list[Line] = field(default_factory=list)


def ticks(highest: float) -> list[float]:
    """From 0, in steps of 1, 2 or 5 times a power of ten, the last one at or above `highest`."""
    power = 10 ** math.floor(math.log10(highest / TICKS))
    step = next(step for step in (power, 2 * power, 5 * power, 10 * power) if step * TICKS >= highest)
    return [step * i for i in range(math.ceil(highest / step - 1e-9) + 1)]


def text(x: float, y: float, content: str, anchor: str = "middle", more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {more}>{content}</text>'


def draw(panel: Panel) -> str:
    points = [point for line in panel.lines for point in line.points]
    across, up = ticks(max(x for x, _ in points)), ticks(max(y for _, y in points))
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM

    def place(x: float, y: float) -> tuple[float, float]:
        return LEFT + x / across[-1] * (right - LEFT), bottom - y / up[-1] * (bottom - TOP)

    parts = [text(LEFT, 18, escape(panel.title), "start", 'font-weight="bold"')]
    names = [
        f'<tspan dx="8" fill="{colour}">{escape(line.name)}</tspan>' for line, colour in zip(panel.lines, COLOURS)
    ]
    parts.append(text(LEFT - 8, 36, "".join(names), "start"))
    for value in up:
        y = place(0, value)[1]
        parts.append(f'<path d="M{LEFT} {y:.1f}H{right}" stroke="#ddd"/>')
        parts.append(text(LEFT - 6, y + 4, f"{value:g}", "end"))
    for value in across:
        parts.append(text(place(value, 0)[0], bottom + 16, f"{value:g}"))
    parts.append(text((LEFT + right) / 2, HEIGHT - 6, escape(panel.x_label)))
    # Thinner and thinner, so that lines which lie on each other all show.
    for i, (line, colour) in enumerate(zip(panel.lines, COLOURS)):
        path = "L".join("{:.1f} {:.1f}".format(*place(*point)) for point in line.points)
        width = 1.5 * (len(panel.lines) - i)
        dashes = ' stroke-dasharray="5 4"' if line.dashed else ""
        parts.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="{width}"{dashes}/>')
    return "".join(parts)


def svg(panels: list[Panel], columns: int) -> str:
    rows = math.ceil(len(panels) / columns)
    placed = [
        f'<g transform="translate({i % columns * WIDTH} {i // columns * HEIGHT})">{draw(panel)}</g>'
        for i, panel in enumerate(panels)
    ]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {columns * WIDTH} {rows * HEIGHT}"'
    font = 'font-family="sans-serif" font-size="11"'
    return "\n".join([f"{head} {font}>", '<rect width="100%" height="100%" fill="white"/>', *placed, "</svg>\n"])
