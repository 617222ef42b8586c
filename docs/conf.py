"""Settings of Sphinx: ``nox -s docs``, or ``sphinx-build -W docs <folder>``."""

from importlib import metadata

project = "nanotilt"
author = "the nanotilt authors"
version = release = metadata.version("nanotilt")

extensions = ["myst_parser"]
exclude_patterns = ["measurements"]  # parts of pages
myst_heading_anchors = 3

html_title = f"nanotilt {release}"
html_theme = "alabaster"
html_static_path = ["_static"]
html_css_files = ["tables.css"]
html_theme_options = {
    "description": "Labelled, simulated electron-microscopy data at the speed of the processor",
    "page_width": "1100px",
}
