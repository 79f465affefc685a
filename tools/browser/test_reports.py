# SPDX-License-Identifier: GPL-3.0-or-later
"""The report: one file without network, light, dark and on paper."""

import pathlib
import re

from browsing import LAST, WORK, BrowserCase

REPORTS = {"night": ["night", LAST], "compare": ["compare"], "clinician": ["clinician"]}


class ReportTests(BrowserCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.files = {}
        for name, words in REPORTS.items():
            cls.files[name] = WORK / f"report-{name}.html"
            cls.server.nattro("report", *words, "--out", cls.files[name], "--force")

    def test_reports_are_one_file_that_asks_for_nothing(self):
        for name, path in self.files.items():
            for scheme in ["light", "dark"]:
                with self.subTest(report=name, scheme=scheme):
                    page = self.context(color_scheme=scheme, viewport={"width": 1000, "height": 1200}).new_page()
                    self.watch(page)
                    page.goto(path.as_uri())
                    self.assertEqual(page.locator("h1").count(), 1)
                    self.shoot(page, f"report-{name}-{scheme}")
                    self.assert_accessible(page)
                    self.assert_fits(page)
                    pictures = page.locator("svg[role=img]")
                    self.assertGreater(pictures.count(), 0)
                    self.assertGreaterEqual(page.locator("details table").count(), pictures.count())
                    self.assertEqual([url for url in self.requests if not url.startswith(("file:", "data:"))], [])
            self.assertLess(path.stat().st_size, 300_000)

    def test_reports_fit_a_narrow_window(self):
        for name, path in self.files.items():
            with self.subTest(report=name):
                page = self.context(viewport={"width": 360, "height": 740}).new_page()
                self.watch(page)
                page.goto(path.as_uri())
                self.shoot(page, f"report-{name}-narrow")
                self.assert_fits(page)

    def test_reports_print_on_a4(self):
        for name, path in self.files.items():
            with self.subTest(report=name):
                page = self.context().new_page()
                self.watch(page)
                page.goto(path.as_uri())
                pdf = WORK / "screens" / f"report-{name}.pdf"
                page.pdf(path=pdf, format="A4")
                pages = len(re.findall(rb"/Type\s*/Page\b", pathlib.Path(pdf).read_bytes()))
                self.assertTrue(1 <= pages <= 14, f"{pages} pages")
