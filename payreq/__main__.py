"""`python -m payreq`: the command line, where its script is not on the path."""

from payreq.cli import main

main()
