#!/usr/bin/env python3
"""Plays the download site of Swift, with its faults: download_site.py FOLDER PORT

The first part of a path says how the rest is served: /good, /damaged (a byte is another), /short (each answer ends after
a third of the file), /missing (only the toolchain is not there), /unsigned (no signature).
"""

import http.server
import pathlib
import re
import sys

FOLDER = pathlib.Path(sys.argv[1])


class Site(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self.serve(with_body=False)

    def do_GET(self) -> None:
        self.serve(with_body=True)

    def serve(self, with_body: bool) -> None:
        _, mode, rest = self.path.split("/", 2)
        file = FOLDER / rest
        is_archive = file.suffix == ".gz"
        if not file.is_file() or (mode == "missing" and is_archive) or (mode == "unsigned" and file.suffix == ".sig"):
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        size = file.stat().st_size
        start = 0
        if wanted := re.match(r"bytes=(\d+)-$", self.headers.get("Range", "")):
            start = int(wanted[1])
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
        self.send_header("Content-Length", str(size - start))
        self.end_headers()
        if not with_body:
            return
        end = size
        if mode == "short" and is_archive:
            end = min(end, start + size // 5)
            self.close_connection = True
        with file.open("rb") as content:
            content.seek(start)
            position = start
            # A real toolchain has a gigabyte.
            while piece := bytearray(content.read(min(1 << 20, end - position))):
                if mode == "damaged" and is_archive and position <= size // 2 < position + len(piece):
                    piece[size // 2 - position] ^= 1
                self.wfile.write(piece)
                position += len(piece)

    def log_message(self, format: str, *arguments: object) -> None:
        print(self.command, self.path, self.headers.get("Range", ""), flush=True)


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), Site).serve_forever()
