"""The report: one HTML file that needs nothing else."""

from __future__ import annotations

from importlib import resources

from nanotilt.report import galleries, particulars, results
from nanotilt.report.contents import ReportContents
from nanotilt.report.markup import text

_NAVIGATION = (
    ("summary", "Summary"),
    ("curves", "Learning curves"),
    ("confusion", "Confusion"),
    ("gallery", "Particles"),
    ("examples", "Right and wrong"),
    ("same-view", "Same view twice"),
    ("throughput", "Throughput"),
    ("recipe", "Recipe"),
    ("configuration", "Configuration"),
    ("repeat", "Repeat it"),
)


def report_page(contents: ReportContents) -> str:
    """The whole report as one HTML page, pictures and style inside.

    Args:
        contents: The run.

    Returns:
        HTML text that refers to nothing outside itself.
    """
    style = resources.files("nanotilt.report").joinpath("page.css").read_text(encoding="utf-8")
    title = f"{contents.recipe_name}: training report"
    links = "".join(f'<a href="#{anchor}">{text(name)}</a>' for anchor, name in _NAVIGATION)
    body = "\n".join(
        (
            results.summary(contents),
            results.curves(contents),
            results.confusion(contents),
            galleries.gallery(contents),
            galleries.examples(contents),
            results.same_view(contents),
            particulars.throughput(contents),
            particulars.recipe(contents),
            particulars.configuration(contents),
            particulars.repeat(contents),
        )
    )
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{text(title)}</title>
<style>
{style}</style>
</head>
<body>
<main>
<header>
<p class="eyebrow">nanotilt training report</p>
<h1>{text(contents.recipe_name)}</h1>
<nav aria-label="Sections">{links}</nav>
</header>
{_notice(contents)}{body}
<footer>Written by nanotilt {text(contents.configuration["versions"]["nanotilt"])}, run begun
{text(contents.configuration["started"])}.</footer> </main>
</body>
</html>
"""


def _notice(contents: ReportContents) -> str:
    """What to know before reading on, if the run was stopped early."""
    if contents.configuration["status"] != "interrupted":
        return ""
    seen = contents.history[-1].samples_seen if contents.history else 0
    first, end = contents.configuration["sample_ranges"]["training"]
    return (
        '<p class="notice" role="note">'
        f"Training was stopped by hand after {seen:,} of {end - first:,} samples. "
        "The scores below are those of the network at that moment. "
        "<code>nanotilt train --resume</code> with this folder goes on after the last complete "
        "epoch.</p>\n"
    )
