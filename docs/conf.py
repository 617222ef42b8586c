"""Settings of Sphinx: ``nox -s docs``, or ``sphinx-build -W docs <folder>``."""

import os
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).parent))

from docstrings import as_markup

project = "nanotilt"
author = "the nanotilt authors"
version = release = metadata.version("nanotilt")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["measurements"]  # parts of pages
myst_heading_anchors = 3

autodoc_typehints = "none"  # signatures stay short; the text tells types and shapes
autodoc_preserve_defaults = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False

html_title = f"nanotilt {release}"
html_theme = "alabaster"
html_static_path = ["_static"]
html_css_files = ["tables.css"]
html_theme_options = {
    "description": "Labelled, simulated electron-microscopy data at the speed of the processor",
    "page_width": "1100px",
}


def setup(app: Any) -> None:
    """Docstrings go through `as_markup` first."""
    app.connect("autodoc-process-docstring", as_markup, priority=100)
