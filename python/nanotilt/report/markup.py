"""Small pieces of HTML. Texts that come in are escaped here; what is named html is HTML already."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_CODE = re.compile("`([^`]+)`")
_NO_HTML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def text(value: object) -> str:
    """Any value as HTML text; characters that no page may hold become question marks."""
    return html.escape(_NO_HTML.sub("?", str(value)), quote=True)


def section(anchor: str, title: str, *parts_html: str) -> str:
    """A section with its heading."""
    return (
        f'<section id="{anchor}">\n<h2>{text(title)}</h2>\n'
        + "\n".join(parts_html)
        + "\n</section>"
    )


def paragraph(words: str) -> str:
    """A paragraph of plain text."""
    return f"<p>{text(words)}</p>"


def prose(words: str) -> str:
    """A paragraph of plain text in which `names between backticks` are set as code."""
    return f"<p>{_CODE.sub(_as_code, text(words))}</p>"


def _as_code(found: re.Match[str]) -> str:
    return f"<code>{found[1]}</code>"


def grid(items_html: Iterable[str], kind: str = "") -> str:
    """Items side by side, as many as the page's width allows."""
    return f'<div class="grid {kind}">' + "\n".join(items_html) + "</div>"


def figure(svg: str, caption_html: str = "", kind: str = "") -> str:
    """A drawing with what is said below it."""
    caption = f"<figcaption>{caption_html}</figcaption>" if caption_html else ""
    return f'<figure class="{kind}">{svg}{caption}</figure>'


def table(head: Sequence[str], rows: Iterable[Sequence[object]], caption: str = "") -> str:
    """A table whose first column names the rows."""
    names = "".join(f'<th scope="col">{text(name)}</th>' for name in head)
    body = "".join(_row(row) for row in rows)
    title = f"<caption>{text(caption)}</caption>" if caption else ""
    head_html = f"<thead><tr>{names}</tr></thead>"
    return _scrolling(f"<table>{title}{head_html}<tbody>{body}</tbody></table>")


def pairs(rows: Iterable[tuple[object, object]], caption: str = "") -> str:
    """A table of names and values."""
    title = f"<caption>{text(caption)}</caption>" if caption else ""
    body = "".join(_row(row) for row in rows)
    return _scrolling(f'<table class="words">{title}<tbody>{body}</tbody></table>')


def code(words: str) -> str:
    """Something to type."""
    return f"<pre><code>{text(words)}</code></pre>"


def details(summary: str, inside_html: str) -> str:
    """Something to unfold."""
    return f"<details><summary>{text(summary)}</summary>{inside_html}</details>"


@dataclass(frozen=True)
class Bar:
    """One bar of `bars`.

    Attributes:
        name: What it stands for.
        share: Its length, in [0, 1].
        value: The number at its end.
        kind: "main", "good", "bad" or empty: its colour.
    """

    name: str
    share: float
    value: str
    kind: str = ""


def bars(items: Iterable[Bar], kind: str = "") -> str:
    """Horizontal bars, each between its name and its value; kind "small" for captions."""
    return (
        f'<div class="bars {kind}">'
        + "".join(
            f'<span>{text(bar.name)}</span><span class="bar {bar.kind}">'
            f'<i style="width:{100 * min(max(bar.share, 0.0), 1.0):.2f}%"></i></span>'
            f"<span>{text(bar.value)}</span>"
            for bar in items
        )
        + "</div>"
    )


def percent(share: float | None, digits: int = 1) -> str:
    """A share as a percentage, or a dash."""
    return "-" if share is None else f"{100 * share:.{digits}f} %"


def _scrolling(table_html: str) -> str:
    """A table that scrolls by itself where the page is too narrow for it."""
    return f'<div class="scroll">{table_html}</div>'


def _row(cells: Sequence[object]) -> str:
    first, *others = cells
    return (
        f'<tr><th scope="row">{text(first)}</th>'
        + "".join(f"<td>{text(cell)}</td>" for cell in others)
        + "</tr>"
    )
