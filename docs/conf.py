"""How the pages are built: `python -m sphinx -W -b html docs docs/_build`, without a network."""

from __future__ import annotations

import payreq

project = "payreq"
author = "the authors of payreq"
copyright = "the authors of payreq"  # noqa: A001  # Sphinx asks for that name
release = version = payreq.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
]
exclude_patterns = ["_build"]
suppress_warnings = ["toc.not_readable"]  # pages that are still being written

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "signature"

html_theme = "furo"
html_title = "payreq"
