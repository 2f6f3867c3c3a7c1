"""Markdown to safe HTML for pages, and to plain text for channels that show no markup."""

import re
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

#: A link to another article is written as its slug alone: [klage](klage-og-tilsyn).
ARTICLE_LINK = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def _allowed(target: str) -> bool:
    if ARTICLE_LINK.fullmatch(target):
        return True
    parts = urlsplit(target)
    return parts.scheme == "https" and bool(parts.hostname)


class _Parser(MarkdownIt):
    """CommonMark without raw HTML and images. The library would let http and mailto links through; we need neither."""

    def validateLink(self, url: str) -> bool:
        return _allowed(url)


_MARKDOWN = _Parser("commonmark", {"html": False}).disable(["image", "html_block", "html_inline"])


def to_html(text: str) -> str:
    """Safe HTML: raw HTML is shown as text, links go to articles and https pages only, headings begin at level 3."""
    tokens = _MARKDOWN.parse(text)
    for token in _walk(tokens):
        target = token.attrGet("href") if token.type == "link_open" else None
        if isinstance(target, str) and target.startswith("https:"):
            token.attrSet("rel", "noopener noreferrer")
    html: str = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    return html


def links(text: str) -> tuple[tuple[int, str], ...]:
    """Every link as written, with the line of `text` (from 0) that it stands on; a refused link is among them."""
    found = []
    for number, line in enumerate(text.split("\n")):
        found += [(number, target) for target in re.findall(r"\]\(([^)\s]*)\)", line)]
    return tuple(found)


def link_is_wellformed(target: str) -> bool:
    """Whether a link's target is a slug or an https address."""
    return _allowed(target)


def to_plain(text: str) -> str:
    """The words without markup: headings as lines of their own, lists with hyphens, links by their text."""
    out: list[str] = []
    for token in _MARKDOWN.parse(text):
        if token.type == "inline":
            out.append("".join(_words(token.children or [])))
            out.append("\n")
        elif token.type == "list_item_open":
            out.append("- ")
        elif token.type in ("paragraph_close", "heading_close") and not token.hidden:
            out.append("\n")
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            out.append("\n")
    return "".join(out).strip()


def _words(tokens: list[Token]) -> list[str]:
    return ["\n" if token.type in ("softbreak", "hardbreak") else token.content for token in tokens]


def _walk(tokens: list[Token]) -> list[Token]:
    return [inner for token in tokens for inner in (token, *(token.children or []))]
