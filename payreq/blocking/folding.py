"""Paths with their ids folded, so that a crawl of a million URLs makes a handful of features."""

from __future__ import annotations

import re

from payreq.credentials import holds_key

LONGEST_SEGMENT = 64
"""A longer segment of a path is data, not a name."""
MOST_SEGMENTS = 32
"""What stands deeper in a path is not told apart."""
ID_PREFIXES = (
    "acct asst batch call card cart ch chatcmpl cn cs cus customer dp evt file ft ftjob gen grp il "
    "in inv item job key li link mandate msg obj ord order org pay pi pk pm po prc price prod proj "
    "promo py qt rcpt re req res resp rk run sess seti si sk sub sub_sched task team thread tok tr "
    "trx txn txr user usr vs we wh whsec ws"
)
"""What stands before the underscore or hyphen of ids that say their kind (Stripe, OpenAI)."""

COLLECTIONS = (
    "albums articles artists authors blog books brands cards channels chapters cities clients "
    "coins comics comments communities companies contacts countries customers domains episodes "
    "forums games genres groups hashtags hotels keywords leagues listings locations magazines "
    "markets members merchants movies news organisations organizations orgs packages pages people "
    "persons places players playlists podcasts posts products profiles projects publishers recipes "
    "repos repositories restaurants reviews sellers series shops shows sites sources stations "
    "stocks stores stories subreddits suppliers symbols tags teams threads tickers titles topics "
    "tracks u users vendors venues videos wiki"
)
"""Collections whose members are named by slugs and are billed alike. Models, engines, actors and
the like stand in none: each of them can have a price of its own."""

OWNED = frozenset({"repos", "repositories"})
"""Collections whose members are named by two segments: the owner and the name (GitHub)."""

OPERATIONS = (
    "account accounts action actions activate activity add admin aggregate aggregates all "
    "analytics api archive archived async auth autocomplete available avatar balance batch best "
    "billing bulk by cancel capture categories category changes charts chat check clear clone "
    "close closed commit compare config configuration confirm convert copy count counts create "
    "current daily data deactivate default delete deleted details disable discover download "
    "downloads draft drafts edit edits enable enrich enrichment enroll estimate event events "
    "exists explore export exports facets favorites featured feed feeds fetch filter filters find "
    "follow followers following for forgot form forms from fulltext generate generations geo get "
    "gql graph graphql health historical history hot hourly images import imports inbox index info "
    "insights install invitations invite invites jobs key keys languages latest limits list "
    "live locate login logout lookup match me media merge messages metadata metrics mine move my "
    "names nearby new notifications now one open options orders overview password patch "
    "permissions ping popular preferences preview price prices private profile public publish "
    "purge put query quota quote quotes random rankings rates recent recommend recommendations "
    "recommended refund register related relay remove render report reports reset resolve restore "
    "resume reverse roles rpc run sandbox scan schedule schema screen screener search self send "
    "session sessions settings share signin signout signup similar simulate sort start stat "
    "statistics stats status stop stream submit subscribe subscriptions suggest suggestions "
    "summary suspend sync templates test tests token tokens top transactions translate trash "
    "trending types unfollow unsubscribe update upload uploads upsert usage validate values verify "
    "versions views watch webhooks weekly whoami with"
)
"""Words of operations that stand beside a collection's members: a feature of their own."""

_ID = re.compile(
    r"\d+|\d{4}-\d\d-\d\d"  # numbers, days
    r"|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"  # UUID, RFC 9562
    r"|[0-7][0-9A-HJKMNP-TV-Z]{25}"  # ULID
    r"|(?=[a-f]*\d)[0-9a-f]{16,}|(?=[A-F]*\d)[0-9A-F]{16,}"  # hashes
    r"|(?=[A-Z]*\d)[A-Z][A-Z0-9]{7,}"  # T024BE7LD
    r"|(?=[\w-]*?(?=[a-z\d]*[A-Z])(?=[A-Z\d]*[a-z])(?=[a-zA-Z]*\d)[a-zA-Z\d]{12})"
    r"[\w-]{20,}={0,2}"  # base64, unlike words with hyphens
    r"|[^/@\s]+@[^/@\s]+\.[^/@\s.]+"  # e-mail addresses
    r"|(?:" + "|".join(ID_PREFIXES.split()) + r"|[a-z]{1,12}(?=_\w{10}))[_-]"
    r"(?=[a-zA-Z]*\d)(?=[a-z\d]*[A-Z]|[a-z]*\d[a-z]*\d)[a-zA-Z\d]{6,}",
    re.ASCII,
)
_EXTENSION = re.compile(
    r"\.(?:json|xml|csv|html?|pdf|txt|md|rss|atom|ya?ml|zip|gz|png|jpe?g|gif|svg|webp|mp[34]|php)\Z"
)
_VERSION = re.compile(r"v\d+(?:(?:alpha|beta)\d*|\.\d+)?")
_SLUG = re.compile(r"[\w.~+'-]+")
_WORD = re.compile(r"[^\W_]+")
_COLLECTIONS = frozenset(COLLECTIONS.split())
_OPERATIONS = frozenset(OPERATIONS.split())


def fold(path: str) -> str:
    """Return a path with its ids folded: "/v1/users/7" is "/v1/users/{id}".

    Ids are numbers, UUIDs, ULIDs, hashes, e-mail addresses, ids with a known prefix, keys, and
    what stands after a known collection and is no operation on it:
    "/repos/encode/httpx/issues" is "/repos/{id}/{id}/issues".

    Example:
        >>> fold("/v1/products/blue-shoes/reviews"), fold("/v1/products/search")
        ('/v1/products/{id}/reviews', '/v1/products/search')
    """
    segments = path.split("/")
    folded: list[str] = []
    members = 0
    for segment in segments[:MOST_SEGMENTS]:
        extension = _EXTENSION.search(segment)
        name, rest = (
            (segment, "") if extension is None else (segment[: extension.start()], extension[0])
        )
        is_member = members > 0 and _is_slug(name)
        if is_member:
            members -= 1
        else:
            members = 2 if name.lower() in OWNED else int(name.lower() in _COLLECTIONS)
        if _is_id(segment):
            folded.append("{id}")
        elif is_member or _ID.fullmatch(name):
            folded.append("{id}" + rest)
        else:
            folded.append(segment)
    return "/".join(folded if len(segments) <= MOST_SEGMENTS else [*folded, "{more}"])


def _is_id(segment: str) -> bool:
    return bool(len(segment) > LONGEST_SEGMENT or holds_key(segment) or _ID.fullmatch(segment))


def _is_slug(name: str) -> bool:
    """Say whether what follows a collection names a member of it."""
    if not _SLUG.fullmatch(name) or _VERSION.fullmatch(name):
        return False
    words = {word.lower() for word in _WORD.findall(name)}
    return bool(words) and words.isdisjoint(_OPERATIONS) and words.isdisjoint(_COLLECTIONS)
