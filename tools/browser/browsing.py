# SPDX-License-Identifier: GPL-3.0-or-later
"""A server of nattro's pages and a browser that looks at them, for the tests beside this file."""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
import urllib.parse

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

import journal as nights

PROGRAM = os.environ["NATTRO_PROGRAM"]
WORK = pathlib.Path(os.environ["NATTRO_BROWSER_WORK"])
SCREENS = WORK / "screens"
LAST = str(nights.LAST)


class Server:
    """`nattro serve` with a journal of its own: a copy, so that tests do not see each other's changes."""

    def __init__(self, *options, is_empty=False):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="nattro-pages-"))
        self.journal = self.folder / "journal" / "journal.sqlite"
        self.journal.parent.mkdir(mode=0o700)
        if not is_empty:
            shutil.rmtree(self.journal.parent)
            # Links, not copies: nobody writes into a recording.
            shutil.copytree(WORK / "journal", self.journal.parent, copy_function=self._link)
        self.environment = {
            **os.environ,
            **{f"XDG_{name}_HOME": str(self.folder / name.lower()) for name in ("DATA", "CONFIG", "STATE", "CACHE")},
        }
        self.messages = open(self.folder / "errors", "w")
        self.process = subprocess.Popen(
            [PROGRAM, "serve", "--port", "0", "--journal", str(self.journal), *options],
            stdout=subprocess.PIPE, stderr=self.messages, text=True, env=self.environment)
        self.address = self.process.stdout.readline().strip()
        if not self.address:
            raise AssertionError(f"no server: {self.errors()}")
        parts = urllib.parse.urlsplit(self.address)
        self.origin = f"{parts.scheme}://{parts.netloc}"

    @staticmethod
    def _link(source, target):
        (shutil.copy2 if ".sqlite" in str(source) else os.link)(source, target)

    def errors(self):
        return (self.folder / "errors").read_text()

    def nattro(self, *words, check=True):
        """Runs another verb on the same journal."""
        done = subprocess.run([PROGRAM, *map(str, words), "--journal", str(self.journal)], capture_output=True, text=True,
                              env=self.environment)
        if check and done.returncode not in (0, 1):
            raise AssertionError(f"nattro {words}: {done.returncode}\n{done.stderr}")
        return done.stdout

    def memory(self):
        """Resident memory in MiB."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        raise AssertionError("the server has ended")

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        try:
            self.process.wait(15)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            self.process.stdout.close()

    def remove(self):
        self.messages.close()
        if self.process.poll() is None:
            self.end()
        shutil.rmtree(self.folder, ignore_errors=True)


class BrowserCase(unittest.TestCase):
    """A test with a browser. Whatever it does, nothing leaves this computer and nothing is complained of in the console."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.playwright = sync_playwright().start()
        cls.addClassCleanup(cls.playwright.stop)
        cls.browser = cls.playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"])
        cls.addClassCleanup(cls.browser.close)
        cls.server = Server(*cls.options())
        cls.addClassCleanup(cls.server.remove)

    @classmethod
    def options(cls):
        """What `nattro serve` is told besides."""
        return []

    def setUp(self):
        self.complaints, self.requests, self.allowed = [], [], []

    def tearDown(self):
        complaints = [text for text in self.complaints if not any(part in text for part in self.allowed)]
        self.assertEqual(complaints, [], "the browser's console")
        foreign = [url for url in self.requests if not url.startswith((self.server.origin, "data:", "blob:", "file:"))]
        self.assertEqual(foreign, [], "requests that left the server")

    def context(self, **options):
        context = self.browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        self.addCleanup(context.close)
        context.on("request", lambda request: self.requests.append(request.url))
        return context

    def page(self, path="/", is_let_in=True, **options):
        """A page of the server in a window of its own."""
        page = self.context(**options).new_page()
        self.watch(page)
        if is_let_in:
            page.goto(self.server.address)
        if not is_let_in or path != "/":
            page.goto(self.server.origin + path)
        return page

    def watch(self, page):
        page.on("console", lambda message: message.type in ("error", "warning") and self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(f"{error}"))
        page.on("dialog", lambda dialog: (self.complaints.append(f"dialog {dialog.message}"), dialog.dismiss()))

    @staticmethod
    def send(page, button, seconds=60):
        """Presses a form's button, and waits for the page that answers."""
        with page.expect_navigation(timeout=1000 * seconds):
            button.click(timeout=1000 * seconds)

    def shoot(self, page, name):
        page.screenshot(path=SCREENS / f"{name}.png", full_page=True)

    def assert_accessible(self, page):
        found = Axe().run(page)
        problems = [
            f"{item['id']} ({item['impact']}): {item['help']}\n  " + "\n  ".join(node["html"][:160] for node in item["nodes"][:4])
            for item in found.response["violations"]
        ]
        self.assertEqual(problems, [], f"axe on {page.url}")

    def assert_fits(self, page):
        """Nothing makes the page wider than its window."""
        width, inner = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        self.assertLessEqual(width, inner, f"{page.url} scrolls sideways")


def wait_for(condition, seconds=20, what="the condition"):
    """Waits until something is true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.1)
    raise AssertionError(f"{what} did not come within {seconds} s")
