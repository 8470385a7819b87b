#!/usr/bin/env python3
"""A mirror of Debian's packages for builds in a network namespace: listens in there, fetches out here.

    mirror.py NAMESPACE ADDRESS PORT

Every request is one line on standard output.
"""

import ctypes
import http.server
import os
import socket
import sys
import urllib.error
import urllib.request

UPSTREAM = "http://deb.debian.org"
CLONE_NEWNET = 0x40000000


def listener(namespace, address, port):
    """A listening socket of the namespace; the process itself stays where it is."""
    libc = ctypes.CDLL(None, use_errno=True)
    here = os.open("/proc/self/ns/net", os.O_RDONLY)
    there = os.open(f"/run/netns/{namespace}", os.O_RDONLY)
    if libc.setns(there, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((address, port))
    made.listen(64)
    if libc.setns(here, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")
    return made


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        print(self.path, flush=True)
        if self.path == "/":
            return self.answer(200, b"")
        request = urllib.request.Request(UPSTREAM + self.path)
        for name in ("If-Modified-Since", "Range"):
            if name in self.headers:
                request.add_header(name, self.headers[name])
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:
                self.answer(reply.status, reply.read())
        except urllib.error.HTTPError as error:
            self.answer(error.code, b"")

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def main():
    namespace, address, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
    server = http.server.ThreadingHTTPServer((address, port), Handler, bind_and_activate=False)
    server.socket = listener(namespace, address, port)
    server.serve_forever()


if __name__ == "__main__":
    main()
