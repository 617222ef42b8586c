"""What every page stands in: head, style, navigation, footer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from nanotilt.report.markup import text


@dataclass(frozen=True)
class Shell:
    """The outside of a page.

    Attributes:
        title: What the browser shows.
        eyebrow: What kind of page it is.
        heading: The page's heading.
        footer: Its last line.
        lead: A sentence below the heading, or empty.
    """

    title: str
    eyebrow: str
    heading: str
    footer: str
    lead: str = ""


def html_page(shell: Shell, navigation: Iterable[tuple[str, str]], body_html: str) -> str:
    """A whole HTML page that refers to nothing outside itself.

    Args:
        shell: The outside.
        navigation: Anchors and names of sections; those that the body lacks are left out.
        body_html: The sections.
    """
    style = resources.files("nanotilt.report").joinpath("page.css").read_text(encoding="utf-8")
    links = "".join(
        f'<a href="#{anchor}">{text(name)}</a>'
        for anchor, name in navigation
        if f'<section id="{anchor}">' in body_html
    )
    lead = f'<p class="question">{text(shell.lead)}</p>\n' if shell.lead else ""
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{text(shell.title)}</title>
<style>
{style}</style>
</head>
<body>
<main>
<header>
<p class="eyebrow">{text(shell.eyebrow)}</p>
<h1>{text(shell.heading)}</h1>
{lead}<nav aria-label="Sections">{links}</nav>
</header>
{body_html}
<footer>{text(shell.footer)}</footer>
</main>
</body>
</html>
"""


def training_report(
    recipe_name: str,
    configuration: Mapping[str, Any],
    navigation: Iterable[tuple[str, str]],
    body_html: str,
) -> str:
    """The whole page of a training run.

    Args:
        recipe_name: The recipe's name, as the user gave it.
        configuration: What training.json holds.
        navigation: As for `html_page`.
        body_html: The sections.
    """
    versions, started = configuration["versions"], configuration["started"]
    shell = Shell(
        title=f"{recipe_name}: training report",
        eyebrow="nanotilt training report",
        heading=recipe_name,
        footer=f"Written by nanotilt {versions['nanotilt']}, run begun {started}.",
    )
    return html_page(shell, navigation, body_html)
