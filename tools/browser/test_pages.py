# SPDX-License-Identifier: GPL-3.0-or-later
"""Every page: seen wide, narrow and dark, by keyboard alone, and looked over by axe."""

from browsing import LAST, BrowserCase

PAGES = {
    "start": "/", "tonight": "/tonight", "nights": "/nights", "night": f"/nights/{LAST}", "doses": "/doses",
    "diary": f"/diary/{LAST}", "compare": "/compare", "plan": "/plan", "export": "/export",
}


class PageTests(BrowserCase):
    def each(self, look, **options):
        for name, path in PAGES.items():
            with self.subTest(page=name):
                page = self.page(path, **options)
                page.wait_for_load_state("networkidle")
                self.assertEqual(page.locator("h1").count(), 1)
                look(name, page)
                page.context.close()

    def test_every_page_in_a_wide_window(self):
        def look(name, page):
            self.shoot(page, name)
            self.assert_accessible(page)
            self.assert_fits(page)

        self.each(look)

    def test_every_page_in_a_narrow_window(self):
        def look(name, page):
            self.shoot(page, f"{name}-narrow")
            self.assert_fits(page)
            self.assert_accessible(page)

        self.each(look, viewport={"width": 360, "height": 740}, device_scale_factor=2)

    def test_every_page_in_the_dark(self):
        def look(name, page):
            self.shoot(page, f"{name}-dark")
            color = page.evaluate(
                "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).map(Number)")
            self.assertLess(sum(color), 200, "the page is light in the dark")
            self.assert_accessible(page)

        self.each(look, color_scheme="dark")

    def test_every_page_is_read_without_script(self):
        def look(name, page):
            self.assertGreater(len(page.locator("main").inner_text()), 80, name)

        self.each(look, java_script_enabled=False)

    def test_all_pages_are_reached_by_keyboard_alone(self):
        page = self.page()
        reached = set()
        for place in ["Tonight", "Nights", "Doses and diary", "Compare", "Plan", "Export", "Start"]:
            for _ in range(60):
                page.keyboard.press("Tab")
                name = page.evaluate("document.activeElement.textContent.trim()")
                if name == place:
                    # Where the focus is can be seen.
                    style = page.evaluate(
                        "(s => s.outlineStyle + ' ' + s.outlineWidth)(getComputedStyle(document.activeElement))")
                    self.assertFalse(style.startswith("none") or style.endswith(" 0px"), f"{place}: {style}")
                    with page.expect_navigation():
                        page.keyboard.press("Enter")
                    self.assertEqual(page.locator("[aria-current=page]").inner_text(), place)
                    reached.add(place)
                    break
        self.assertEqual(len(reached), 7)

    def test_nobody_is_let_in_without_the_token(self):
        self.allowed = ["403", "401"]
        page = self.page("/nights", is_let_in=False)
        self.assertNotIn("2026", page.locator("body").inner_text())
        page = self.page("/?token=0000", is_let_in=False)
        self.assertNotIn("2026", page.locator("body").inner_text())

    def test_the_token_does_not_stay_in_the_address(self):
        page = self.page()
        self.assertNotIn("token", page.url)
        self.assertEqual(page.evaluate("document.cookie"), "", "scripts see the session's cookie")
