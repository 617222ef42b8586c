"""The report's sections on what the network looks at."""

from __future__ import annotations

from itertools import groupby

from nanotilt.recipes.recipe import Recipe
from nanotilt.report.drawing import Scales, draw_sample
from nanotilt.report.insight_figures import noise_figure, quantity_figure
from nanotilt.report.markup import Bar, bars, figure, grid, paragraph, percent, section, text
from nanotilt.report.saliency_figures import profile_figure, saliency_card
from nanotilt.runs import findings as found
from nanotilt.runs.findings import Insight, QuestionInsight, Share
from nanotilt.runs.records import ReportContents
from nanotilt.runs.words import index_name

_TITLE = "Does it need all views?"

_EXPLAINED = (
    "Each control takes something away from the same test samples. First view only: all views are "
    "the first one. Views of two particles: the views after the first are those of another "
    "particle of the same class, at the same angles. Each view alone tells as much as before, but "
    "they belong to no one particle; so what is lost is what the network finds by joining views. "
    "Empty: what the detector sees of empty space. No such view was ever trained on, so a network "
    "may well fall to chance on it although the other view tells something."
)


def controls(contents: ReportContents) -> str:
    """What is left when views are taken away or changed."""
    insight, metrics = contents.insight, contents.metrics
    if contents.recipe.n_views == 1:
        words = (
            "This recipe has one view, so the same-view-twice control, which replaces the other "
            "views by the first, does not apply; nor do other controls that change one view of "
            "several."
        )
        return section("same-view", _TITLE, paragraph(words))
    if insight is None:
        if metrics.same_view is None:
            return section("same-view", _TITLE, paragraph("No control was made."))
        return section("same-view", _TITLE, paragraph(_loss_words(contents)), _plain_bars(contents))
    parts = [paragraph(_loss_words(contents)), paragraph(_EXPLAINED)]
    for question in insight.questions:
        parts += _heading(insight, question)
        parts.append(bars(_control_bars(contents, question)))
    parts.append(f'<p class="under">{insight.n_samples:,} samples; 95 % intervals.</p>')
    return section("same-view", _TITLE, *parts)


def difficulty(contents: ReportContents) -> str:
    """Accuracy against sizes, places and noise; empty without an examination."""
    insight = contents.insight
    if insight is None:
        return ""
    parts = [
        paragraph(
            f"Accuracy on {insight.n_samples:,} test samples, sorted by what was drawn for them, "
            "in bins of equal count; bars are 95 % intervals. For the noise the same particles are "
            "seen by detectors with more or less of it, on the scale that the network was trained "
            "with."
        )
    ]
    for question in insight.questions:
        parts += _heading(insight, question)
        parts.append(grid(_difficulty_figures(question), "wide"))
    return section("difficulty", "What makes it hard?", *parts)


def saliency(contents: ReportContents) -> str:
    """What answers rest on, value by value; empty without an examination."""
    insight = contents.insight
    if insight is None or all(question.profile is None for question in insight.questions):
        return ""
    if len(contents.recipe.view_shape) == 2:
        explained = (
            "Below each image, a pixel's colour shows by how much the log-odds of the network's "
            "answer (nats, against all other answers) would change if that pixel grew by one "
            f"{insight.unit}: green where more signal speaks for the answer, violet where it "
            "speaks against it. The samples are the first of each class; nobody picked them."
        )
    else:
        explained = (
            "Below each view, bars show by how much the log-odds of the network's answer (nats, "
            "against all other answers) would change if that bin grew by one "
            f"{insight.unit}: green where more signal speaks for the answer, violet where it "
            "speaks against it. Grey bands are where hole or spiral are seen, but for the "
            "detector's random shift, which the drawings leave out. The samples are the first "
            "of each class; nobody picked them."
        )
    parts = [paragraph(explained)]
    for question in insight.questions:
        parts += _heading(insight, question)
        parts += _profile(contents, question)
        parts.append(grid(saliency_figures(contents.recipe, insight, question), "wide"))
    return section("saliency", "What does it look at?", *parts)


def saliency_figures(recipe: Recipe, insight: Insight, question: QuestionInsight) -> list[str]:
    """A picture of each sample whose gradients are known."""
    samples = [draw_sample(recipe, insight.seed, s.index) for s in question.saliency]
    if not samples:
        return []
    scales = Scales.of(recipe, samples)
    return [
        figure(
            saliency_card(recipe, insight, sample, one, scales),
            f"<strong>{text(one.truth)}</strong>, taken for {text(one.answer)} "
            f"({percent(one.probability)}); sample {index_name(one.index)}",
            "sample",
        )
        for sample, one in zip(samples, question.saliency, strict=True)
    ]


def focus_words(question: QuestionInsight) -> list[str]:
    """How much stronger the network reacts where a feature is, in sentences."""
    focus = question.profile.focus if question.profile else ()
    return [
        f"In the shadow of the {one.feature} the mean |change| is {one.inside:.2g}, elsewhere in "
        f"the particle's shadow {one.elsewhere:.2g}: {_times(one.inside, one.elsewhere)} "
        f"({one.n_samples:,} samples with a {one.feature})."
        for one in focus
    ]


def control_names(n_views: int) -> dict[str, str]:
    """What the controls are called."""
    others = "second view" if n_views == 2 else "other views"
    return {
        found.AS_THEY_ARE: "views as they are",
        found.SAME_VIEW: "first view only",
        found.SAME_CLASS: "views of two particles",
        found.OTHERS_NOISE: f"{others} empty",
        found.FIRST_NOISE: "first view empty",
    }


def _loss_words(contents: ReportContents) -> str:
    metrics = contents.metrics
    n_views = contents.recipe.n_views
    others = "second view" if n_views == 2 else f"{n_views - 1} other views"
    words = (
        f"The same-view-twice control: the {others} of every test sample replaced by the first. "
        "A network that joins what its views tell must lose accuracy; one that looks at each view "
        "alone, and averages, would hardly notice."
    )
    if metrics.same_view is None:
        return words
    lost = metrics.test.accuracy - metrics.same_view.accuracy
    return f"{words} Here {100 * lost:.1f} percentage points are lost."


def _plain_bars(contents: ReportContents) -> str:
    """The one control that is known without an examination."""
    metrics = contents.metrics
    shown = [
        Bar("views as they are", metrics.test.accuracy, percent(metrics.test.accuracy), "main")
    ]
    if metrics.same_view is not None:
        accuracy = metrics.same_view.accuracy
        shown.append(Bar("first view only", accuracy, percent(accuracy)))
    shown += _paper_bar(contents)
    shown.append(Bar("chance", metrics.chance, percent(metrics.chance)))
    return bars(shown)


def _control_bars(contents: ReportContents, question: QuestionInsight) -> list[Bar]:
    names = control_names(contents.recipe.n_views)
    shown = []
    for control in question.controls:
        kind = "main" if control.name == found.AS_THEY_ARE else ""
        shown.append(
            Bar(names[control.name], control.right.accuracy, _interval(control.right), kind)
        )
        if control.name == found.SAME_VIEW:
            shown += _paper_bar(contents)
    shown.append(Bar("chance", question.chance, percent(question.chance)))
    return shown


def _paper_bar(contents: ReportContents) -> list[Bar]:
    paper = contents.metrics.paper
    if paper is None or paper.same_view_accuracy is None:
        return []
    accuracy = paper.same_view_accuracy
    return [Bar("the paper, first view only", accuracy, percent(accuracy))]


def _difficulty_figures(question: QuestionInsight) -> list[str]:
    drawn = []
    for _, of_quantity in groupby(question.curves, lambda curve: curve.quantity):
        curves = list(of_quantity)
        everyone = len(curves) == 1 and curves[0].samples == "all"
        drawn.append(figure(quantity_figure(curves, question.chance if everyone else None)))
    if question.noise:
        drawn.append(figure(noise_figure(question.noise, question.chance)))
    return drawn


def _profile(contents: ReportContents, question: QuestionInsight) -> list[str]:
    if question.profile is None:
        return []
    words = "".join(paragraph(sentence) for sentence in focus_words(question))
    drawn = figure(
        profile_figure(contents.recipe, question.profile),
        f"Mean of {question.profile.n_samples:,} test samples",
    )
    return [f'<div class="side two"><div class="plot">{drawn}</div><div>{words}</div></div>']


def _heading(insight: Insight, question: QuestionInsight) -> list[str]:
    """The question's name, where there are several."""
    return [f"<h3>{text(question.name)}</h3>"] if len(insight.questions) > 1 else []


def _interval(share: Share) -> str:
    low, high = share.interval_95
    return f"{percent(share.accuracy)} ({100 * low:.1f} to {100 * high:.1f})"


def _times(inside: float, elsewhere: float) -> str:
    if elsewhere == 0:
        return "nothing elsewhere"
    return f"{inside / elsewhere:.2g} times as strong"
