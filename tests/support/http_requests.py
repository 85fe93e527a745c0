"""Requests as handlers receive them, without a connection."""

from __future__ import annotations

from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine


def request_with(**headers: str) -> HTTPServerRequest:
    start_line = RequestStartLine("GET", "/", "HTTP/1.1")
    return HTTPServerRequest(start_line=start_line, headers=HTTPHeaders({"Host": "localhost", **headers}))
