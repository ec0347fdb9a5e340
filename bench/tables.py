"""Markdown tables."""


def number(value: float | None, digits: int = 2) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def table(names: list[str], numbers: list[str], rows: list[list[str]]) -> str:
    """The columns `names` on the left, `numbers` on the right."""
    rule = "|---" * len(names) + "|--:" * len(numbers) + "|"
    return "\n".join([f"| {' | '.join(names + numbers)} |", rule, *(f"| {' | '.join(row)} |" for row in rows)])
