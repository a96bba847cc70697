"""A sheet of paper: lines, angles, labels and tables, drawn four times too large and then reduced."""
from math import atan2, cos, degrees, hypot, pi, sin

from PIL import Image, ImageDraw, ImageFont

SCALE = 4                       # the reduction is what makes the lines smooth, in whole-number arithmetic
INK, BLUE, GREY, FAINT = (20, 20, 20), (25, 80, 170), (130, 130, 130), (214, 224, 240)
Point = tuple[float, float]


class Sheet:
    """A white sheet of `width` x `height` pixels; the origin is the upper left corner."""

    def __init__(self, width: int = 240, height: int = 190):
        self.canvas = Image.new("RGB", (width * SCALE, height * SCALE), "white")
        self.pen = ImageDraw.Draw(self.canvas)

    def line(self, *points: Point, colour: tuple = INK, width: float = 1.5, close: bool = False) -> None:
        """A line through the points, back to the first where `close` is set."""
        path = [_large(p) for p in (points + points[:2] if close else points)]
        self.pen.line(path, fill=colour, width=round(width * SCALE), joint="curve")

    def dashed(self, start: Point, end: Point, step: float = 5) -> None:
        """A thin broken line."""
        pieces = max(1, int(hypot(end[0] - start[0], end[1] - start[1]) / step))
        for i in range(0, pieces, 2):
            one, other = (between(start, end, k / pieces) for k in (i, i + 1))
            self.line(one, other, colour=GREY, width=1)

    def dot(self, middle: Point, radius: float = 2.5, colour: tuple = INK, hollow: bool = False) -> None:
        """A point, or a small ring where `hollow` is set."""
        fill = "white" if hollow else colour
        self.pen.ellipse(_box(middle, radius), fill=fill, outline=colour, width=round(1.5 * SCALE))

    def arc(self, middle: Point, radius: float, start: float = 0, end: float = 360, colour=INK) -> None:
        """A piece of a circle, in degrees clockwise from the right."""
        self.pen.arc(_box(middle, radius), start, end, fill=colour, width=round(1.2 * SCALE))

    def rectangle(self, corner: Point, opposite: Point, fill: tuple | None = None) -> None:
        """An upright rectangle between two opposite corners."""
        box = [_large(corner), _large(opposite)]
        self.pen.rectangle(box, fill=fill, outline=INK, width=round(1.2 * SCALE))

    def text(self, at: Point, words: str, size: int = 15, colour: tuple = INK) -> None:
        """A few Latin letters or digits, centred: Pillow's own typeface has no Korean."""
        self.pen.text(_large(at), words, fill=colour, font=ImageFont.load_default(size * SCALE), anchor="mm")

    def angle(self, vertex: Point, one: Point, other: Point, label: str, radius: float = 17) -> None:
        """The mark of an angle at `vertex` between the directions to two points, with its label inside."""
        first, second = sorted(atan2(p[1] - vertex[1], p[0] - vertex[0]) for p in (one, other))
        if second - first > pi:
            first, second = second, first + 2 * pi
        self.arc(vertex, radius, degrees(first), degrees(second), colour=BLUE)
        middle, far = (first + second) / 2, radius + 13
        self.text((vertex[0] + far * cos(middle), vertex[1] + far * sin(middle)), label, 13, BLUE)

    def right_angle(self, vertex: Point, one: Point, other: Point, size: float = 10) -> None:
        """The small square of a right angle."""
        a, b = toward(vertex, one, size), toward(vertex, other, size)
        self.line(a, (a[0] + b[0] - vertex[0], a[1] + b[1] - vertex[1]), b, colour=BLUE, width=1)

    def polygon(self, corners: dict[str, Point]) -> None:
        """A closed figure, each corner with its letter outside."""
        self.line(*corners.values(), close=True)
        middle = centre(corners.values())
        for letter, corner in corners.items():
            self.text(toward(corner, middle, -11), letter)

    def side(self, start: Point, end: Point, label: str, inside: Point, gap: float = 14) -> None:
        """The length of a side, written beside its middle on the side away from `inside`."""
        half = between(start, end, 0.5)
        normal = (start[1] - end[1], end[0] - start[0])
        away = (half[0] - inside[0]) * normal[0] + (half[1] - inside[1]) * normal[1]
        reach = (gap + 2.2 * len(label) * abs(normal[0]) / hypot(*normal)) * (1 if away > 0 else -1)
        self.text(toward(half, (half[0] + normal[0], half[1] + normal[1]), reach), label, 14, BLUE)

    def finish(self) -> Image.Image:
        """The sheet at its proper size."""
        return self.canvas.reduce(SCALE)


def between(start: Point, end: Point, share: float) -> Point:
    """The point that divides the way from `start` to `end` at `share`."""
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def toward(start: Point, end: Point, distance: float) -> Point:
    """The point `distance` pixels from `start` in the direction of `end`."""
    return between(start, end, distance / hypot(end[0] - start[0], end[1] - start[1]))


def centre(points) -> Point:
    """The mean of the points."""
    points = list(points)
    return sum(p[0] for p in points) / len(points), sum(p[1] for p in points) / len(points)


def table(rows: list[list[str]]) -> Image.Image:
    """A table with a shaded first row and first column."""
    wide, high = 76, 30
    sheet = Sheet(wide * len(rows[0]) + 12, high * len(rows) + 12)
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            x, y = 6 + c * wide, 6 + r * high
            sheet.rectangle((x, y), (x + wide, y + high), fill=FAINT if r == 0 or c == 0 else None)
            sheet.text((x + wide / 2, y + high / 2), cell)
    return sheet.finish()


def _large(point: Point) -> tuple[int, int]:
    return round(point[0] * SCALE), round(point[1] * SCALE)


def _box(middle: Point, radius: float) -> list[tuple[int, int]]:
    x, y = middle
    return [_large((x - radius, y - radius)), _large((x + radius, y + radius))]
