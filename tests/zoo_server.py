"""A model zoo on this machine: a real HTTP server of a folder, with ranges, interruptions and a log of requests."""

import contextlib
import http.server
import pathlib
import threading


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves the files of `server.folder`; the first answer ends after `server.cut` bytes, where that is set."""

    def do_GET(self):
        server = self.server
        begin = int((self.headers.get("Range") or "bytes=0-").removeprefix("bytes=").rstrip("-"))
        server.begins.append((self.path, begin))
        path = pathlib.Path(server.folder, self.path.rpartition("/")[2])
        if not path.is_file():
            self.send_error(404)
            return
        content = path.read_bytes()
        if not server.ranges:
            begin = 0
        if begin >= len(content):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(content)}")
            self.end_headers()
            return
        self.send_response(206 if begin else 200)
        if begin:
            self.send_header("Content-Range", f"bytes {begin}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - begin))
        self.end_headers()
        cut, server.cut = server.cut, None
        self.wfile.write(content[begin:cut])

    def log_message(self, *args):
        pass


@contextlib.contextmanager
def zoo_server(folder, cut=None, ranges=True):
    """Serves `folder` on this machine for as long as it is open; gives the server, whose `url` is the base address.

    Args:
        folder: where the archives lie.
        cut: the first answer breaks off at this byte.
        ranges: whether the server can continue a file.
    """
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.folder, server.cut, server.ranges, server.begins = str(folder), cut, ranges, []
    server.url = f"http://127.0.0.1:{server.server_port}/models"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
