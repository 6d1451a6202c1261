"""A small web app whose export goes off while the rest works: `python -m examples.soft_block`."""
