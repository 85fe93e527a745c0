"""What the author sees: the share's state as HTML and as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Card:
    """The state of a share at one moment."""

    urls: tuple[str, ...]
    """Where it is, the best first; empty when it has stopped."""
    plots: int
    viewers: int
    open_to_all: bool
    """Whether anyone on the network can look, without knowing a link that can't be guessed."""
    external: bool
    note: str
    problems: tuple[str, ...]

    def lines(self) -> Sequence[str]:
        """Everything but the link, in the order of its weight."""
        if not self.urls:
            return [
                f"○ ended · {_count(self.plots, 'plot')} kept · %bokeh_share starts again",
                *self._remarks(),
            ]
        state = f"● live · {_count(self.plots, 'plot')} · {_count(self.viewers, 'viewer')}"
        return [f"{state} · stop with %bokeh_share --stop", *self._remarks()]

    def _remarks(self) -> Sequence[str]:
        remarks = [self.note] if self.note else []
        if self.urls and self.open_to_all:
            remarks.append("no token: anyone on the network can look" if self.external else "no token")
        if self.urls and not self.external:
            remarks.append("for this machine only · %bokeh_share --external shares on the network")
        return [*remarks, *(f"⚠ {problem}" for problem in self.problems)]

    def text(self) -> str:
        heads = ["bokeh_share", *(["       also"] * (len(self.urls) - 1))]
        links = [f"{head}  {url}" for head, url in zip(heads, self.urls, strict=False)]
        return "\n".join([*(links or ["bokeh_share"]), *(f"             {line}" for line in self.lines())])

    def html(self) -> str:
        links = "".join(
            f'<div style="margin:.25em 0;font-size:{"1.15em" if index == 0 else ".9em"}">'
            f'<a href="{escape(url)}" target="_blank" rel="noreferrer">{escape(url)}</a></div>'
            for index, url in enumerate(self.urls)
        )
        rest = "".join(f'<div style="opacity:.8">{escape(line)}</div>' for line in self.lines())
        # Theme colours of JupyterLab where it has them, those of the page elsewhere.
        style = (
            "border:1px solid var(--jp-border-color1,#bbb);border-left:4px solid #2a9d5c;border-radius:6px;"
            "padding:.6em .9em;max-width:46em;overflow-wrap:anywhere;line-height:1.5;"
            "font-family:var(--jp-ui-font-family,system-ui,sans-serif)"
        )
        head = '<div style="font-weight:600">bokeh_share</div>'
        return f'<div class="bokeh-share-card" style="{style}">{head}{links}{rest}</div>'


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
