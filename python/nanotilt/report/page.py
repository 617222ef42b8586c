"""The report: one HTML file that needs nothing else."""

from __future__ import annotations

from nanotilt.report import answers, galleries, looks, particulars, results
from nanotilt.report.lattices.scores import defect_sections
from nanotilt.report.shell import training_report
from nanotilt.runs.records import ReportContents

_NAVIGATION = (
    ("summary", "Summary"),
    ("defects", "Defects against dose"),
    ("roc", "ROC curves"),
    ("curves", "Learning curves"),
    ("questions", "Questions"),
    ("tries", "Tries"),
    ("confusion", "Confusion"),
    ("gallery", "Particles"),
    ("examples", "Right and wrong"),
    ("same-view", "All views?"),
    ("difficulty", "What is hard"),
    ("saliency", "What it looks at"),
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
    body = "\n".join(
        (
            results.summary(contents),
            _defects(contents),
            results.curves(contents),
            answers.questions(contents),
            answers.tries(contents),
            results.confusion(contents),
            galleries.gallery(contents),
            galleries.examples(contents),
            looks.controls(contents),
            looks.difficulty(contents),
            looks.saliency(contents),
            particulars.throughput(contents),
            particulars.recipe(contents),
            particulars.configuration(contents),
            particulars.repeat(contents),
        )
    )
    return training_report(
        contents.recipe_name, contents.configuration, _NAVIGATION, _notice(contents) + body
    )


def _defects(contents: ReportContents) -> str:
    name = contents.configuration["model"]["name"]
    return defect_sections(contents.defects, name, contents.recipe)


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
