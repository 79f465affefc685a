// SPDX-License-Identifier: GPL-3.0-or-later
import Web

/// What all pages of the local server have around them.
enum PageLayout {
    /// The places that the pages lead to.
    enum Place: String, CaseIterable {
        case start = "/"
        case tonight = "/tonight"
        case nights = "/nights"
        case doses = "/doses"
        case compare = "/compare"
        case plan = "/plan"
        case export = "/export"

        var name: String {
            switch self {
            case .start: "Start"
            case .tonight: "Tonight"
            case .nights: "Nights"
            case .doses: "Doses and diary"
            case .compare: "Compare"
            case .plan: "Plan"
            case .export: "Export"
            }
        }
    }

    /// A page.
    ///
    /// - Parameters:
    ///   - title: its heading, and its name in the browser.
    ///   - place: where it belongs.
    ///   - body: what stands below the heading.
    ///   - styles: style sheets beside the common one.
    ///   - scripts: scripts, run when the page is there.
    ///   - isWide: whether it needs the width of the window, for a picture.
    static func page(
        title: String, place: Place? = nil, body: HTML, styles: [Asset] = [], scripts: [Asset] = [],
        isWide: Bool = false, status: Int = 200
    ) -> PageResponse {
        let sheets = ([.style] + styles).map { sheet -> HTML in "<link rel=\"stylesheet\" href=\"\(sheet.address)\">\n"
        }
        let programs = scripts.map { script -> HTML in "<script src=\"\(script.address)\" defer></script>\n" }
        let links = Place.allCases.map { other -> HTML in
            let mark: HTML = other == place ? " aria-current=\"page\"" : ""
            return "<li><a href=\"\(other.rawValue)\"\(mark)>\(other.name)</a></li>\n"
        }
        let width: HTML = isWide ? " class=\"wide\"" : ""
        let page: HTML = """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>\(title) · nattro</title>
            <link rel="icon" href="data:,">
            \(sheets)\(programs)</head>
            <body>
            <a class="skip" href="#main">Skip to the page</a>
            <header><nav aria-label="Pages"><ul>
            \(links)</ul></nav></header>
            <main id="main"\(width)>
            <h1>\(title)</h1>
            \(body)
            </main>
            <footer><p>nattro \(Nattro.version). It describes nights; it is no medical device, and gives no advice. \
            The page is on this computer alone.</p></footer>
            </body>
            </html>

            """
        return .html(page.text, status: status)
    }

    /// A page about something that went wrong.
    static func problem(_ status: Int, _ words: String) -> PageResponse {
        let title =
            switch status {
            case 400, 411: "That could not be read"
            case 403, 421: "Not let in"
            case 404: "No such page"
            case 405: "Not in this way"
            case 413: "Too much at once"
            default: "That did not go well"
            }
        return page(
            title: title,
            body: "<p>\(words)</p>\n<p><a href=\"/\">To the start page</a></p>", status: status)
    }
}
