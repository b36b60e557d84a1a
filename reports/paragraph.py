"""Running text in a terminal, broken at plain spaces only: no-break spaces hold, as French typography asks."""

from collections.abc import Iterator
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions
from rich.measure import Measurement
from rich.segment import Segment
from rich.text import Text


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A text whose first line begins `indent` columns in, and the others `hang` columns."""

    text: Text
    indent: int = 0
    hang: int = 0

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        """Its lines, none wider than the console."""
        for place, line in enumerate(self.lines(options.max_width)):
            yield Segment(" " * min(self.hang if place else self.indent, options.max_width - 1))
            yield from line.render(console)
            yield Segment.line()

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        """From its longest word to its whole length."""
        words = self.text.plain.split(" ")
        most = cell_len(self.text.plain) + self.indent
        least = max(map(cell_len, words)) + max(self.indent, self.hang)
        return Measurement(min(least, options.max_width), min(most, options.max_width))

    def lines(self, width: int) -> list[Text]:
        """The text in lines that fit `width` with their indents; a word that is wider than a line is cut."""
        plain = self.text.plain
        breaks: list[int] = []
        start, room = 0, max(1, width - self.indent)
        while cell_len(plain[start:]) > room:
            cut = _fit(plain, start, room)
            breaks.append(cut)
            start, room = cut, max(1, width - self.hang)
        lines = list(self.text.divide(breaks)) if breaks else [self.text.copy()]
        for line in lines:
            spaces = len(line.plain) - len(line.plain.rstrip(" "))
            if spaces:
                line.right_crop(spaces)
        return lines


def _fit(plain: str, start: int, room: int) -> int:
    """Where to break after `start` so that what stands before fits `room` cells."""
    end, used = start, 0
    while end < len(plain) and used + cell_len(plain[end]) <= room:
        used += cell_len(plain[end])
        end += 1
    if plain[end : end + 1] == " ":
        return end + 1
    space = plain.rfind(" ", start, end)
    return space + 1 if space >= start else max(end, start + 1)
