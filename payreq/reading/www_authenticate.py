"""WWW-Authenticate as the list of challenges it is (RFC 9110, 11.6.1), forgiving and linear.

Commas part both challenges and the parameters of one, and stand inside quoted strings too.
What breaks the grammar marks its own challenge as unsound and leaves the next ones whole.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import NamedTuple

from payreq.reading.document import HEADER_LIMIT

_PIECES = 4_000

# A quoted string that runs into more text has lost its closing quote: then the value ends at
# the next comma, so that the challenges after it are still seen.
_PIECE = re.compile(
    r"""(?P<name>[\w!#$%&'*+.^`|~-]++)\s*+=\s*+
        (?: "(?P<double>(?:[^"\\]|\\.)*+)"(?=[\s,;]|\Z)
          | '(?P<single>[^']*+)'(?=[\s,;]|\Z)
          | (?P<bare>[^\s,;]*+) )
      | (?P<scheme>[\w!#$%&'*+.^`|~-]++)(?=[\s,]|\Z)
        (?P<token68>\s++[A-Za-z0-9._~+/-]++=*+(?=\s*+(?:,|\Z)))?
      | (?P<junk>[^\s,;]++)""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


class AuthChallenge(NamedTuple):
    """One challenge of a WWW-Authenticate field.

    Attributes:
        scheme: The authentication scheme in lower case.
        parameters: By lower-case name; of a name given twice, the first value.
        sound: Whether it keeps to the grammar.
    """

    scheme: str
    parameters: dict[str, str]
    sound: bool = True


def parse_challenges(value: str) -> list[AuthChallenge]:
    """Return the challenges of a WWW-Authenticate field in the server's order.

    Args:
        value: The field's value; several fields are joined by commas.
    """
    found: list[AuthChallenge] = []
    if not value:
        return found
    value = value[:HEADER_LIMIT]
    end = 0
    for piece in islice(_PIECE.finditer(value), _PIECES):
        gap, end = value[end : piece.start()], piece.end()
        scheme = piece["scheme"]
        if scheme is not None and (not found or "," in gap or "\n" in gap):
            found.append(AuthChallenge(scheme.lower(), {}))
        elif found and not _add(found[-1].parameters, piece):
            found[-1] = found[-1]._replace(sound=False)
    return found


def _add(parameters: dict[str, str], piece: re.Match[str]) -> bool:
    """Add a parameter, if the piece is one; say whether it was sound."""
    if piece["name"] is None:
        return False
    name = piece["name"].lower()
    if name in parameters:
        return False
    if piece["double"] is not None:
        parameters[name] = _ESCAPE.sub(r"\1", piece["double"])
        return True
    bare = piece["bare"]
    parameters[name] = piece["single"] if bare is None else bare.strip("\"'")
    return bare is not None and bare[:1] not in {'"', "'"}
