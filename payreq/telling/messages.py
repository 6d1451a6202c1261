"""Words for people: what happened, what still works, the one next step."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from payreq.features import AUDIENCES, Feature
from payreq.reasons import MEANINGS
from payreq.safety import web_url
from payreq.telling.events import LOGGER

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from payreq.details import PaymentDetails
    from payreq.features import Audience


@dataclass(frozen=True, slots=True)
class Action:
    """A link that a person may follow.

    Attributes:
        label: What it does, such as "Add credits".
        url: Where it leads.
    """

    label: str
    url: str

    @property
    def host(self) -> str:
        """The host that the link leads to, which is shown beside it."""
        try:
            return urlsplit(self.url).hostname or ""
        except ValueError:  # no URL at all
            return ""


@dataclass(frozen=True, slots=True)
class UserMessage:
    """Words that tell a person of a refusal.

    Attributes:
        title: The effect, in a few words.
        body: What happened, what still works, the one next step.
        action: Where that step is taken, or None.
        more: Further links.
        facts: Labels and values: the plan, the limit, what is used, when it resets, the price.
        after_payment: What following the link costs, what changes once it is settled, and whether
            access comes back at once; None where there is nothing of that to say.
        locale: The language of the words, a BCP 47 tag.
        audience: Whom they are for.
    """

    title: str
    body: str
    action: Action | None = None
    more: tuple[Action, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    after_payment: str | None = None
    locale: str = "en"
    audience: Audience = "owner"

    def as_text(self) -> str:
        """Return it as plain text that is safe to print on a terminal."""
        from payreq.telling.rendering import text  # noqa: PLC0415  # only what is shown is rendered

        return text(self)

    def as_markdown(self) -> str:
        """Return it as Markdown, with everything escaped that could be markup."""
        from payreq.telling.rendering import markdown  # noqa: PLC0415  # only what is shown

        return markdown(self)

    def as_html(self) -> str:
        """Return it as a fragment of HTML, with everything escaped that could be markup."""
        from payreq.telling.rendering import html  # noqa: PLC0415  # only what is shown

        return html(self)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data, ready for JSON."""
        from payreq.telling.rendering import data  # noqa: PLC0415  # only what is shown

        return data(self)


@dataclass(frozen=True, slots=True)
class Voice:
    """How a guard speaks.

    Attributes:
        audience: Whom its messages are for, unless a feature or a call says otherwise.
        locale: The language of its messages, a BCP 47 tag; left out: English.
        messages: The app's own words: `(refusal_or_block, audience, locale, default)` to
            `UserMessage`.
        trusted_hosts: Hosts that links may lead to: "pay.example.com", or "*.example.com" for
            every host below.
        features: The guard's features, by name; those that are a `Feature` bring their title,
            audience and link.
        profiles: The guard's own profiles of providers, which bring names and pages.
    """

    audience: Audience = "owner"
    locale: str | None = None
    messages: Callable[[Any, Audience, str, UserMessage], UserMessage] | None = None
    trusted_hosts: Sequence[str] = ()
    features: Mapping[str, Any] = field(default_factory=dict)
    profiles: Sequence[Any] = ()
    _warned: list[str] = field(default_factory=list, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        checked(self.audience)
        _check_locale(self.locale)
        _check_messages(self.messages)
        _check_hosts(self.trusted_hosts)
        for name, feature in self.features.items():
            if isinstance(feature, Feature):
                _check_feature(name, feature)

    def feature(self, name: str | None) -> Feature | None:
        """Return what the app says of a feature, if it says more than its patterns."""
        known = self.features.get(name) if name is not None else None
        return known if isinstance(known, Feature) else None

    def warn(self, cause: str) -> None:
        """Write down, once, that the app's own words could not be used.

        Args:
            cause: The kind of error; its text may hold anything.
        """
        if not self._warned:
            self._warned.append(cause)
            LOGGER.warning("messages failed with %s; payreq's own words are used", cause)


def restricts_access(details: PaymentDetails) -> bool:
    """Say whether a refusal leaves something off until it is settled.

    Args:
        details: What the server said.
    """
    return MEANINGS[details.reason].restricts_access and details.scope != "request"


def checked(audience: Any, argument: str = "audience") -> Audience:
    """Return an audience as it is, if it is one.

    Args:
        audience: What was given.
        argument: Where, for the error.

    Raises:
        ValueError: It is not.
    """
    if audience not in AUDIENCES:
        raise ValueError(f"{argument} must be one of {', '.join(AUDIENCES)}, not {audience!r}")
    return audience  # type: ignore[no-any-return]  # it is one of AUDIENCES


def _check_locale(locale: Any) -> None:
    if locale is not None and not isinstance(locale, str):
        raise TypeError(f'locale must be a tag such as "en", not {locale!r}')


def _check_tz(tz: Any) -> None:
    if tz is not None and not isinstance(tz, tzinfo):
        raise TypeError(f'tz must be a tzinfo such as ZoneInfo("Europe/Berlin"), not {tz!r}')


def _check_feature(name: str, feature: Feature) -> None:
    where = f"features[{name!r}]"
    if feature.audience is not None:
        checked(feature.audience, f"{where}.audience")
    title: Any = feature.title
    titles = (*title, *title.values()) if isinstance(title, Mapping) else (title,)
    if title is not None and not all(isinstance(each, str) for each in titles):
        raise TypeError(
            f"{where}.title must be a name, or one for each language such as "
            f'{{"en": "Data export"}}, not {title!r}'
        )
    if feature.url is not None and web_url(feature.url) is None:
        raise ValueError(f"{where}.url must be an absolute https URL, not {feature.url!r}")


def _check_messages(messages: Any) -> None:
    if messages is not None and (not callable(messages) or iscoroutinefunction(messages)):
        raise TypeError(
            "messages must be a plain function (refusal_or_block, audience, locale, default) "
            f"-> UserMessage, not {messages!r}"
        )


def _check_hosts(hosts: Any) -> None:
    if (
        isinstance(hosts, str)
        or not isinstance(hosts, Collection)
        or not all(isinstance(host, str) for host in hosts)
    ):
        raise TypeError(
            f'trusted_hosts must be a sequence of hosts such as ("pay.example.com",), not {hosts!r}'
        )
    if any("/" in host or ":" in host for host in hosts):
        raise ValueError(
            'trusted_hosts are hosts without scheme, port or path: "pay.example.com", '
            f"not {hosts!r}"
        )


def user_message(
    subject: Any,
    *,
    voice: Voice | None = None,
    about: Any = None,
    audience: str | None = None,
    locale: str | None = None,
    tz: tzinfo | None = None,
) -> UserMessage:
    """Return the words for a refusal or a block.

    Args:
        subject: A `PaymentRequired` or a `Block`.
        voice: How the guard speaks; left out: the defaults.
        about: What is known of the provider (`payreq.reading.providers.About`), or None.
        audience: Whom to tell; left out: the feature's audience, else the voice's.
        locale: In which language, a BCP 47 tag; left out: the voice's, else English.
        tz: In which time zone moments are told; left out: UTC.

    Raises:
        TypeError: The locale is no text, or the time zone none.
        ValueError: The audience is none.
    """
    from payreq.telling.composing import compose  # noqa: PLC0415  # the sentences load when first told
    from payreq.telling.reader import reader_of  # noqa: PLC0415  # and so do the languages

    voice = voice or Voice()
    _check_locale(locale)
    _check_tz(tz)
    feature = voice.feature(subject.feature)
    told_to = checked(audience or (feature and feature.audience) or voice.audience)
    asked = locale or voice.locale or "en"
    default = compose(
        subject, voice=voice, about=about, audience=told_to, reader=reader_of(asked, tz)
    )
    return default if voice.messages is None else _own_words(subject, voice, about, asked, default)


def _own_words(
    subject: Any, voice: Voice, about: Any, locale: str, default: UserMessage
) -> UserMessage:
    """Return the app's own words; the default ones where it has none that can be shown."""
    from payreq.telling.links import without_untrusted  # noqa: PLC0415  # only for apps with words

    messages: Any = voice.messages
    try:
        made = messages(subject, default.audience, locale, default)
        if not isinstance(made, UserMessage) or not made.title or not made.body:
            raise TypeError(type(made).__name__)  # noqa: TRY301  # told like what it raises
        made = without_untrusted(made, subject, voice=voice, about=about)
        for render in (made.as_text, made.as_markdown, made.as_html, made.to_dict):
            render()
    except Exception as error:  # the app's words must never cost the refusal
        voice.warn(type(error).__name__)
        return default
    return made
