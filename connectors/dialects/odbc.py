"""What dialects over ODBC have in common."""

from __future__ import annotations

from sqlalchemy import URL


def told_port_apart(url: URL, **unless_given: str) -> URL:
    """``url`` for drivers that read ``Server=host,port`` as the name of a host; with settings that it does not make."""
    given = {name.lower() for name in url.query}
    own = dict(unless_given)
    if url.port:
        own["Port"] = str(url.port)
    return url.set(port=None).update_query_dict({name: text for name, text in own.items() if name.lower() not in given})
