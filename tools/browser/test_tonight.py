# SPDX-License-Identifier: GPL-3.0-or-later
"""A night while it is recorded: a replayed sensor, looked at from start to end."""

import json
import os
import pathlib
import signal

from browsing import LAST, WORK, BrowserCase, wait_for

RECORDING = WORK / "journal" / "nights" / LAST / "night.nightlog"
# Eight hours in about a minute.
SPEED = os.environ.get("NATTRO_BROWSER_SPEED", "480")


def recorder(log, speed=SPEED):
    words = ["replay", str(RECORDING), f"--speed={speed}", f"--out={log}", "--json"]
    return [f"--recorder={word}" for word in words]


COUNT = """() => {
  window.seen = {movement: 0, gap: 0, status: 0};
  const source = new EventSource("/api/tonight/events");
  for (const name of Object.keys(window.seen)) source.addEventListener(name, () => { window.seen[name] += 1; });
  source.addEventListener("reset", () => { window.seen.movement = 0; window.seen.gap = 0; });
}"""


class TonightTests(BrowserCase):
    log = WORK / "tonight.nightlog"

    @classmethod
    def options(cls):
        cls.log.unlink(missing_ok=True)
        return recorder(cls.log)

    def start(self):
        page = self.page("/tonight")
        # What replay does not take is not asked for.
        page.evaluate("document.getElementById('until').value = ''")
        page.get_by_role("button", name="Start the recording").click()
        page.locator("#trace").wait_for(timeout=20_000)
        return page

    def test_a_whole_night_is_seen_as_it_comes(self):
        page = self.start()
        page.evaluate(COUNT)
        page.wait_for_timeout(6000)
        self.shoot(page, "tonight-recording")
        self.assert_accessible(page)
        self.assertGreater(page.evaluate("window.seen.movement"), 5)
        drawn = page.evaluate(
            "(c => new Set(c.getContext('2d').getImageData(0, 0, c.width, c.height).data).size)(document.getElementById('trace'))")
        self.assertGreater(drawn, 4, "the trace is empty")
        first = self.server.memory()
        dark = self.page("/tonight", color_scheme="dark", viewport={"width": 360, "height": 740})
        dark.wait_for_timeout(3000)
        self.assert_fits(dark)
        self.shoot(dark, "tonight-recording-narrow-dark")
        dark.context.close()
        state = page.locator("#state")
        wait_for(lambda: "ended" in state.inner_text(), 200, "the end of the night")
        page.wait_for_timeout(1500)
        self.shoot(page, "tonight-ended")
        growth = self.server.memory() - first
        events = next((pathlib.Path(self.server.folder) / "state" / "nattro" / "serve").glob("record-*.events"))
        ended = [json.loads(line) for line in events.read_text().splitlines() if '"ended"' in line]
        found = sum(1 for line in events.read_text().splitlines() if '"event":"movement"' in line)
        seen = page.evaluate("window.seen")
        heap = page.evaluate("performance.memory ? performance.memory.usedJSHeapSize / 2 ** 20 : 0")
        print(f"\n  {seen['movement']} movements seen, {found} told by the recorder, server grew by {growth:.1f} MiB, "
              f"page's heap {heap:.1f} MiB", end=" ", flush=True)
        self.assertEqual(len(ended), 1)
        self.assertGreater(found, 100)
        self.assertEqual(seen["movement"], found)
        # A night's movements are kept, its samples are not: 8 h of two legs are 46 MB.
        self.assertLess(growth, 24)
        self.assertLess(heap, 24)


class InterruptionTests(BrowserCase):
    log = WORK / "interrupted.nightlog"

    @classmethod
    def options(cls):
        cls.log.unlink(missing_ok=True)
        return recorder(cls.log, speed="600")

    def test_neither_browser_nor_server_is_in_the_recordings_way(self):
        self.allowed = ["ERR_", "Failed to load resource"]
        page = self.page("/tonight")
        page.evaluate("document.getElementById('until').value = ''")
        page.get_by_role("button", name="Start the recording").click()
        page.locator("#trace").wait_for(timeout=20_000)
        self.server.end(signal.SIGKILL)
        page.wait_for_timeout(2500)
        self.assertIn("does not answer", page.locator("#state").inner_text())
        page.context.close()
        size = self.log.stat().st_size
        wait_for(lambda: self.log.stat().st_size > size, 20, "the log's growth")
        state = pathlib.Path(self.server.folder) / "state" / "nattro" / "serve"

        def ended():
            return any('"event":"ended"' in path.read_text() for path in state.glob("record-*.events"))

        wait_for(ended, 120, "the end of the night")
        samples = [json.loads(line) for path in state.glob("record-*.events") for line in path.read_text().splitlines()
                   if '"event":"ended"' in line]
        self.assertEqual(len(samples), 1)
