"""Fetches one file of the Python registry, by name and version, through the registry's own client; resumes a half file.

usage: python3 fetch.py PIP_WHEEL DESTINATION BYTES NAME VERSION SHA256 [options of `pip download`...]

PIP_WHEEL is the pinned pip whose index lookup and HTTP session are used (so the user's index, proxy, certificates and
credentials hold). `pip download` itself starts over after every kill; here the bytes go to DESTINATION.part and a later
call asks for the rest. The caller checks the sha256 of the whole file.
Exit: 0 DESTINATION is there, 1 it is not (the reason is on stderr, the half file is kept), 130 interrupted.
"""

import errno
import fcntl
import os
import sys
import time

CHUNK = 1 << 18
SMALL = 20_000_000
PATIENCE = 6  # attempts in a row that bring no new byte


class GiveUp(Exception):
    """No further attempt can help."""


def find_link(command, options, name, version, sha256):
    from pip._internal.cli.cmdoptions import make_target_python
    from pip._internal.utils.hashes import Hashes
    from pip._vendor.packaging.specifiers import SpecifierSet

    finder = command._build_package_finder(
        options=options,
        session=command.get_default_session(options),
        target_python=make_target_python(options),
        ignore_requires_python=True,
    )
    found = finder.find_best_candidate(name, SpecifierSet("==" + version), Hashes({"sha256": [sha256]}))
    if found.best_candidate is None:
        raise GiveUp("the Python registry did not answer, or it has no such file of %s %s" % (name, version))
    return found.best_candidate.link


class Progress:
    """Bytes, share and speed: redrawn in place on a terminal, else a line every tenth (at the end for a small file)."""

    def __init__(self, label, total, start):
        self.label, self.total, self.start = label, total, start
        self.begun = self.drawn = time.monotonic()
        self.tenth = start * 10 // total
        self.redraw = sys.stderr.isatty()

    def show(self, have):
        now = time.monotonic()
        tenth = have * 10 // self.total
        if self.redraw:
            if now - self.drawn < 0.1 and have < self.total:
                return
        elif tenth == self.tenth or (self.total < SMALL and have < self.total):
            return
        self.drawn, self.tenth = now, tenth
        speed = (have - self.start) / max(now - self.begun, 1e-3)
        line = "    %s  %.1f of %.1f MB  %3d %%  %.1f MB/s" % (
            self.label, have / 1e6, self.total / 1e6, have * 100 // self.total, speed / 1e6)
        end = "\n" if not self.redraw or have >= self.total else ""
        sys.stderr.write(("\r\x1b[K" if self.redraw else "") + line + end)
        sys.stderr.flush()


def attempt(session, link, part, total, label):
    """Appends to the half file what the server still sends. Returns when the connection ends."""
    from pip._internal.network.utils import HEADERS, response_chunks

    have = part.seek(0, os.SEEK_END)
    headers = dict(HEADERS)
    if have:
        headers["Range"] = "bytes=%d-" % have
    response = session.get(link.url_without_fragment, headers=headers, stream=True)
    if 400 <= response.status_code < 500:
        raise GiveUp("the registry answered %d for %s" % (response.status_code, link.filename))
    if response.status_code not in (200, 206):
        raise OSError("the registry answered %d" % response.status_code)
    begins = response.headers.get("content-range", "").lower().replace("bytes ", "").partition("-")[0]
    if response.status_code == 200 or begins != str(have):
        if response.status_code == 206:
            raise GiveUp("the registry answered with another part of %s than asked for" % link.filename)
        have = 0  # no ranges here: from the beginning
        part.seek(0)
        part.truncate()
    progress = Progress(label, total, have)
    for chunk in response_chunks(response, CHUNK):
        have += len(chunk)
        if have > total:
            part.truncate(0)
            raise GiveUp("the registry sent more of %s than the %d bytes pinned here" % (link.filename, total))
        part.write(chunk)
        progress.show(have)


def download(session, link, path, total, label):
    with open(path + ".part", "ab") as part:
        fcntl.flock(part, fcntl.LOCK_EX)  # another download of the same file: wait for it
        if os.path.exists(path):
            return
        if part.seek(0, os.SEEK_END) > total:
            part.truncate(0)
        idle = 0
        while part.seek(0, os.SEEK_END) < total:
            before = part.tell()
            try:
                attempt(session, link, part, total, label)
                reason = "the connection ended early"
            except GiveUp:
                raise
            except Exception as error:  # requests, urllib3 and pip each have their own
                if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
                    raise GiveUp("no space left for %s" % path) from error
                reason = type(error).__name__
            part.flush()
            have = part.seek(0, os.SEEK_END)
            if have >= total:
                break
            idle = 0 if have > before else idle + 1
            if idle >= PATIENCE:
                raise GiveUp("no connection after %d attempts (%s); %.1f of %.1f MB are kept"
                             % (PATIENCE, reason, have / 1e6, total / 1e6))
            wait = min(2 ** idle, 15)
            begin = "\n" if sys.stderr.isatty() else ""  # the progress line is still open there
            sys.stderr.write("%s    %s; trying again in %d s\n" % (begin, reason, wait))
            time.sleep(wait)
        os.fsync(part.fileno())
    os.rename(path + ".part", path)


def main():
    wheel, path, total, name, version, sha256 = sys.argv[1:7]
    sys.path.insert(0, wheel)
    from pip._internal.commands import create_command
    from pip._internal.utils.logging import setup_logging

    setup_logging(verbosity=0, no_color=False, user_log_file=None)
    command = create_command("download")
    options, _ = command.parse_args(["--no-cache-dir", "--no-deps"] + sys.argv[7:] + [name])
    with command.main_context():
        link = find_link(command, options, name, version, sha256)
        download(command.get_default_session(options), link, path, int(total), "%s %s" % (name, version))


if __name__ == "__main__":
    try:
        main()
    except GiveUp as reason:
        sys.exit("    " + str(reason))
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        sys.exit("    %s" % error)
