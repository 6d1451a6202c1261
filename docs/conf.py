"""How the pages are built: `python -m sphinx -W -b html docs docs/_build`, without a network."""

from __future__ import annotations

import sys
from pathlib import Path

import payreq

sys.path.insert(0, str(Path(__file__).parent / "extensions"))

project = "payreq"
author = "the authors of payreq"
copyright = "the authors of payreq"  # noqa: A001  # Sphinx asks for that name
release = version = payreq.__version__

extensions = [
    "myst_parser",
    "provider_index",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "terminal",
]
exclude_patterns = ["_build"]

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

default_role = "code"  # single backticks of docstrings
python_maximum_signature_line_length = 88
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True  # attributes in one list, as in the code

html_theme = "furo"
html_title = "payreq"
html_copy_source = False
html_show_sourcelink = False
html_static_path = ["static"]
html_css_files = ["pages.css"]
html_theme_options = {"navigation_with_keys": True}
