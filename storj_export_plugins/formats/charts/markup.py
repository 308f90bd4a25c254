"""A drawing as SVG: text stays text, and colours are classes, so that a theme can be chosen late.

reportlab's own SVG writes colours into every shape and fonts of a PDF into every text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reportlab.graphics.shapes import Path, PolyLine, Rect, String

from storj_export_plugins.formats.charts.escaping import safe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reportlab.graphics.shapes import Drawing
    from reportlab.lib.colors import Color

    from storj_export_plugins.formats.charts.themes import Theme

    Roles = Mapping[str, str]

#: Letters as wide as those that the drawing was measured with.
FONTS = "Helvetica, Arial, 'Liberation Sans', sans-serif"
#: Of the steps of a path, as reportlab counts them; nothing here is curved.
_LETTERS = ("M", "L", "C", "Z")
_CLOSING = 3


def shapes_markup(drawing: Drawing, theme: Theme) -> str:
    """Return the shapes of a drawing in `theme` as SVG elements, the upper left corner at 0, 0."""
    roles = theme.roles
    return "\n".join(_element(shape, drawing.height, roles) for shape in drawing.contents)


def colours_css(theme: Theme) -> str:
    """Return rules that colour the shapes of a drawing as `theme` says."""
    return "".join(
        f".f-{role}{{fill:{colour}}}.s-{role}{{stroke:{colour}}}"
        for colour, role in theme.roles.items()
    )


def _element(shape: object, height: float, roles: Roles) -> str:
    match shape:
        case String():
            return _text(shape, height, roles)
        case PolyLine():
            return _line(shape, height, roles)
        case Rect():
            place = f'x="{_n(shape.x)}" y="{_n(height - shape.y - shape.height)}"'
            size = f'width="{_n(shape.width)}" height="{_n(shape.height)}"'
            return f"<rect {place} {size}{_classes(shape, roles)}/>"
        case Path():
            return f'<path d="{_steps(shape, height)}"{_classes(shape, roles)}/>'
        case _:
            message = f"a chart draws no {type(shape).__name__}"
            raise TypeError(message)


def _text(shape: String, height: float, roles: Roles) -> str:
    anchor = "" if shape.textAnchor == "start" else f' text-anchor="{shape.textAnchor}"'
    place = f'x="{_n(shape.x)}" y="{_n(height - shape.y)}"'
    role = roles[_hex(shape.fillColor)]
    weight = ' font-weight="bold"' if "Bold" in shape.fontName else ""
    return f'<text {place}{anchor}{weight} class="f-{role}">{safe(shape.text)}</text>'


def _line(shape: PolyLine, height: float, roles: Roles) -> str:
    pairs = zip(shape.points[::2], shape.points[1::2], strict=True)
    points = " ".join(f"{_n(x)},{_n(height - y)}" for x, y in pairs)
    dashes = " ".join(_n(float(str(part))) for part in shape.strokeDashArray or ())
    dash = f' stroke-dasharray="{dashes}"' if dashes else ' stroke-linecap="round"'
    look = f'stroke-linejoin="round"{dash}'
    return f'<polyline points="{points}" {look}{_classes(shape, roles)}/>'


def _steps(path: Path, height: float) -> str:
    return "".join(
        _LETTERS[operator] + " ".join(f"{_n(x)},{_n(height - y)}" for x, y in points)
        for operator, points in _operations(path)
    )


def _operations(path: Path) -> Iterator[tuple[int, list[tuple[float, float]]]]:
    numbers = iter(path.points)
    for operator in map(int, path.operators):
        count = 0 if operator == _CLOSING else 1
        yield operator, [(next(numbers), next(numbers)) for _ in range(count)]


def _classes(shape: PolyLine | Rect | Path, roles: Roles) -> str:
    fill, stroke = getattr(shape, "fillColor", None), shape.strokeColor
    names = [f"f-{roles[_hex(fill)]}"] if fill else []
    if stroke:
        names.append(f"s-{roles[_hex(stroke)]}")
    inside = "" if fill else ' fill="none"'
    width = f' stroke-width="{_n(shape.strokeWidth)}"' if stroke else ""
    return f'{inside}{width} class="{" ".join(names)}"'


def _hex(colour: Color | None) -> str:
    if colour is None:
        return ""
    return f"#{colour.hexval()[2:]}"


def _n(number: float) -> str:
    """Spell a length, without zeros that say nothing."""
    return f"{number:.2f}".rstrip("0").rstrip(".")
