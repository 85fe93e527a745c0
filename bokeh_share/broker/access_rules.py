"""The rules by which a broker lets authors write their own shares, and relays read all of them."""

from __future__ import annotations

from .stream_keys import KEY_PREFIX, RELAYS_KEY

CONNECTION_COMMANDS = ("auth", "client|setname", "hello", "info", "ping", "select", "time")
PUBLISHER_COMMANDS = (
    *("del", "discard", "exec", "expire", "get", "hgetall", "multi", "set"),
    *("spop", "xadd", "xdel", "xinfo|stream", "xtrim"),
)
"""The commands of `PageStream`, as the author's kernel uses it: it does not read entries back."""
RELAY_COMMANDS = ("client|list", "expire", "get", "hset", "sadd", "xread", "xrevrange")
"""The commands of `StreamReader`."""


def build_author_rules(author: str) -> list[str]:
    """Build the rules of an author, for `ACL SETUSER`: a publisher's commands, on the author's keys only.
    Authors also read the public URLs of relays. They need Redis 7, which tells reading from writing."""
    keys = [f"~{KEY_PREFIX}:{author}:*", f"%R~{RELAYS_KEY}"]
    return ["resetkeys", "resetchannels", "-@all", *keys, *_allow(PUBLISHER_COMMANDS)]


def build_relay_rules() -> list[str]:
    """Build the rules of relays, for `ACL SETUSER`: they read all shares, and write only their own reports
    and requests. They need Redis 7."""
    written = [RELAYS_KEY, f"{KEY_PREFIX}:*:presence", f"{KEY_PREFIX}:*:requests"]
    keys = [f"%R~{KEY_PREFIX}:*", *(f"%RW~{key}" for key in written)]
    return ["resetkeys", "resetchannels", "-@all", *keys, *_allow(RELAY_COMMANDS)]


def _allow(commands: tuple[str, ...]) -> list[str]:
    return [f"+{command}" for command in sorted({*CONNECTION_COMMANDS, *commands})]
