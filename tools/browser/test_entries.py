# SPDX-License-Identifier: GPL-3.0-or-later
"""What is entered in a page: doses, diary, nights left out; and what comes of it in the comparison."""

import datetime
import pathlib
import re

import journal
from browsing import LAST, BrowserCase


class EntryTests(BrowserCase):
    def test_a_dose_in_two_taps_is_in_the_list_and_taken_back(self):
        page = self.page("/doses")
        before = len(self.server.nattro("dose", "list").splitlines())
        self.send(page, page.get_by_role("button", name="Same dose, now"))
        self.assertIn("200 mg elemental", page.locator("main").inner_text())
        self.assertEqual(len(self.server.nattro("dose", "list").splitlines()), before + 1)
        self.shoot(page, "dose-entered")
        self.send(page, page.get_by_role("button", name="Take the last change back"))
        self.assertEqual(len(self.server.nattro("dose", "list").splitlines()), before)

    def test_a_dose_typed_by_keyboard_alone_that_is_none_says_why(self):
        page = self.page("/doses")
        page.locator("input[name=dose]").focus()
        page.keyboard.type("a lot of magnesium")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        self.assertIn("no amount among", page.locator("main").inner_text())
        self.shoot(page, "dose-refused")

    def test_a_note_is_text_whatever_it_holds(self):
        page = self.page("/doses")
        text = page.locator("main").inner_text()
        self.assertIn(journal.HOSTILE, text)
        page.locator("form[action='/doses/add'] input[name=note]").fill("--journal=/etc/passwd")
        page.locator("input[name=dose]").fill("100mg elemental citrate 20:00")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        self.assertIn("--journal=/etc/passwd", page.locator("table").first.inner_text())
        self.server.nattro("dose", "undo")

    def test_a_file_is_looked_at_before_it_is_kept(self):
        log = pathlib.Path(self.server.folder) / "phone.csv"
        log.write_text("# tz: Europe/Berlin\ndate,time,amount,unit,basis,form\n2026-11-20,21:00,150,mg,elemental,citrate\n2026-11-31,21:00,150,mg,elemental,citrate\n")
        page = self.page("/doses")
        before = self.server.nattro("dose", "list")
        page.set_input_files("#file", log)
        self.send(page, page.get_by_role("button", name="Look at it first"))
        shown = page.locator("main").inner_text()
        self.assertIn("150", shown)
        self.assertIn(":4:", shown)
        self.assertEqual(self.server.nattro("dose", "list"), before)
        self.shoot(page, "import-preview")
        self.send(page, page.get_by_role("button", name=re.compile("keep|import|take", re.I)).first)
        self.assertIn("2026-11-20", self.server.nattro("dose", "list"))

    def test_the_diary_of_a_night_is_written(self):
        page = self.page(f"/diary/{LAST}")
        page.locator("main form input, main form textarea").first.wait_for()
        self.shoot(page, "diary-form")
        field = page.locator("[name=urge], [name=urge_0_10]").first
        if field.evaluate("e => e.tagName") == "SELECT":
            field.select_option("7")
        elif field.get_attribute("type") == "radio":
            page.locator("[name=urge][value='7'], [name=urge_0_10][value='7']").first.check()
        else:
            field.fill("7")
        self.send(page, page.locator("main form button").first)
        self.assertRegex(self.server.nattro("diary", "list"), rf"{LAST}.*7")

    def test_a_night_left_out_is_marked_with_its_reason(self):
        page = self.page("/nights")
        night = str(journal.FIRST)
        row = page.locator("tr", has=page.get_by_role("link", name=night))
        row.locator("summary").click()
        row.locator("input[name=reason]").fill("<b>fever</b>")
        self.send(page, row.locator("button").first)
        self.assertIn("<b>fever</b>", page.locator("main").inner_text())
        self.assertEqual(page.locator("main b", has_text="fever").count(), 0)
        self.shoot(page, "night-left-out")


class ComparisonTests(BrowserCase):
    def compare(self, page):
        page.goto(self.server.origin + "/compare")
        self.send(page, page.get_by_role("button", name="Compare now"))
        page.wait_for_timeout(500)
        return page.frame_locator("iframe").locator("body").inner_text()

    def test_a_dose_is_seen_in_the_comparison(self):
        page = self.page()
        before = self.compare(page)
        self.assertRegex(before, r"(lower|higher|cannot tell|slow change)")
        self.assertIn("not a diagnosis", before)
        self.shoot(page, "comparison")
        # A larger dose from one evening on begins another phase of the log.
        changed = journal.LAST - datetime.timedelta(days=1)
        self.server.nattro("dose", "add", "300mg", "elemental", "citrate", changed, "21:10", "--tz", "Europe/Berlin")
        page.goto(self.server.origin + "/nights")
        row = page.locator("tr", has=page.get_by_role("link", name=str(changed)))
        self.assertIn("500", row.inner_text())
        after = self.compare(page)
        self.assertNotEqual(before, after)

    def test_the_plan_is_made_from_ones_own_nights(self):
        page = self.page("/plan")
        self.send(page, page.locator("form[action='/plan/forecast'] button"), 180)
        text = page.locator("main").inner_text()
        self.assertRegex(text, r"your|own|baseline")
        self.assertIn("%", text)
        self.shoot(page, "plan-forecast")

    def test_a_night_is_exported_as_a_file(self):
        page = self.page("/export")
        self.shoot(page, "export-page")
        with page.expect_download(timeout=60_000) as download:
            page.locator("main form button").first.click()
        self.assertGreater(pathlib.Path(download.value.path()).stat().st_size, 100)
