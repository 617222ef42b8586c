"""``nanotilt preview``: a picture of what a recipe makes."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from nanotilt.cli import outputs
from nanotilt.cli.errors import UsageError
from nanotilt.cli.recipe_argument import HELP, load_recipe

_EXAMPLES = """\
examples:
  nanotilt preview chirality
  nanotilt preview my.json -o gallery.png --samples 5 --seed 7
  nanotilt preview hole -o hole.pdf --start 1000
"""

_FORMATS = (".png", ".svg", ".pdf")


def add_to(commands: Any) -> None:
    """Adds the command to the parser."""
    parser = commands.add_parser(
        "preview",
        help="draw particles beside their views",
        description="Draws the first particles of every class beside their views: the darker, the\n"
        "denser; an arrow in a view's colour shows the direction of its rays. Fields of\n"
        "particles are shown as image, instances and depth, videos as frames with tracks.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("recipe", metavar="RECIPE", help=HELP)
    parser.add_argument(
        "-o",
        "--out",
        metavar="FILE",
        type=Path,
        help="picture to write: .png, .svg or .pdf; .gif of a video moves (default: <recipe>.png)",
    )
    parser.add_argument(
        "--samples", metavar="N", type=int, default=3, help="samples of each class (default: 3)"
    )
    parser.add_argument("--seed", metavar="S", type=int, default=0, help="the stream (default: 0)")
    parser.add_argument(
        "--start",
        metavar="I",
        type=int,
        default=0,
        help="first sample of the stream to look at (default: 0)",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Draws it."""
    name, recipe = load_recipe(arguments.recipe)
    path = arguments.out or Path(f"{name}.png")
    animated = path.suffix.lower() == ".gif"
    if path.suffix.lower() not in _FORMATS and not animated:
        raise UsageError(f"the picture must end in {', '.join(_FORMATS)}. Received: {path}")
    outputs.check(path)
    from nanotilt.report import preview
    from nanotilt.report.fields import preview as fields

    if animated:
        if not (fields.is_field(recipe) and recipe.n_views > 1):
            raise UsageError(f"only videos can be drawn as .gif. Received: {path}")
        with outputs.writing(path):
            fields.save_animation(recipe, arguments.seed, arguments.start, path)
        outputs.say_written(path)
        return 0
    try:
        figure = preview.draw(
            recipe, samples=arguments.samples, seed=arguments.seed, start=arguments.start
        )
    except ValueError as error:
        raise UsageError(str(error)) from error
    with outputs.writing(path):
        preview.save(figure, path)
    outputs.say_written(path)
    return 0
