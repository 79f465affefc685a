// SPDX-License-Identifier: GPL-3.0-or-later
internal import Mustache

/// A report: pages of text, tables and pictures, in one file that needs nothing else.
public struct ReportDocument: Hashable, Sendable {
    /// A piece of a page.
    public enum Block: Hashable, Sendable {
        /// A heading.
        case heading(String)
        /// The sentence that a page is about.
        case headline(String)
        /// A paragraph.
        case paragraph(String)
        /// Small print.
        case small(String)
        /// Lines of a list.
        case list([String])
        /// What the reader must see first, with its severity: `urgent`, `important`, `notice`, `info`.
        case notice(String, severity: String)
        /// A table that is always open.
        case table(DataTable)
        /// A picture with its numbers folded away.
        case picture(Picture)
    }

    /// A page: a sheet of paper or more.
    public struct Page: Hashable, Sendable {
        /// What it is, for those who jump between pages.
        public var name: String
        /// Its pieces from top to bottom.
        public var blocks: [Block]

        /// A page by its pieces.
        public init(_ name: String, _ blocks: [Block]) {
            self.name = name
            self.blocks = blocks
        }
    }

    /// What it is: the name of the file's window.
    public var title: String
    /// Of whom and when; plain text.
    public var subtitle: String
    /// The pages.
    public var pages: [Page]
    /// What stands at the end.
    public var footer: String

    /// A report by its parts.
    public init(title: String, subtitle: String, pages: [Page], footer: String) {
        self.title = title
        self.subtitle = subtitle
        self.pages = pages
        self.footer = footer
    }

    /// The pictures in their order.
    public var pictures: [Picture] {
        pages.flatMap(\.blocks).compactMap { if case .picture(let picture) = $0 { picture } else { nil } }
    }

    /// The tables that stand by themselves, in their order.
    public var tables: [DataTable] {
        pages.flatMap(\.blocks).compactMap { if case .table(let table) = $0 { table } else { nil } }
    }

    /// The names and contents of the CSV files of all pictures and tables.
    public var csvFiles: [(name: String, content: String)] {
        pictures.flatMap(\.csvFiles) + tables.map { ("\($0.name).csv", $0.csv) }
    }

    /// The pictures' and tables' numbers as members of a JSON object: `"pictures":{…},"tables":{…}`.
    public var jsonMembers: String {
        let pictures = pictures.map { "\(PlotText.json($0.id)):\($0.json)" }.joined(separator: ",")
        let tables = tables.map { "\(PlotText.json($0.name)):\($0.json)" }.joined(separator: ",")
        return "\"pictures\":{\(pictures)},\"tables\":{\(tables)}"
    }
}

extension ReportDocument {
    /// The file: HTML with its style in it, under a policy that lets nothing else in.
    public func html() throws -> String {
        try MustacheTemplate(string: Self.template).render(
            [
                "policy": "default-src 'none'; style-src \(ReportStyle.policySource); img-src data:",
                "style": ReportStyle.sheet, "title": title, "subtitle": subtitle, "footer": footer,
                "pages": pages.map { page in
                    ["name": page.name, "blocks": page.blocks.map(\.context)] as [String: Any]
                },
            ] as [String: Any])
    }

    // No inline style and no script: the policy has a hash for the one style sheet, and refuses everything else.
    private static let template = """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="{{{policy}}}">
        <meta name="viewport" content="width=device-width,initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta name="robots" content="noindex">
        <title>{{title}}</title>
        <style>{{{style}}}</style>
        </head>
        <body>
        <main>
        <header class="top"><h1>{{title}}</h1>{{#subtitle}}<p class="sub">{{subtitle}}</p>{{/subtitle}}</header>
        {{#pages}}
        <section class="page" aria-label="{{name}}">
        {{#blocks}}
        {{#headline}}<p class="headline">{{headline}}</p>{{/headline}}\
        {{#heading}}<h2>{{heading}}</h2>{{/heading}}\
        {{#paragraph}}<p>{{paragraph}}</p>{{/paragraph}}\
        {{#small}}<p class="small">{{small}}</p>{{/small}}\
        {{#notice}}<p class="notice {{severity}}" role="note">{{notice}}</p>{{/notice}}\
        {{#markup}}{{{markup}}}{{/markup}}
        {{/blocks}}
        </section>
        {{/pages}}
        <footer>{{footer}}</footer>
        </main>
        </body>
        </html>

        """
}

extension ReportDocument.Block {
    /// The block as the template reads it.
    fileprivate var context: [String: Any] {
        switch self {
        case .heading(let text): ["heading": text]
        case .headline(let text): ["headline": text]
        case .paragraph(let text): ["paragraph": text]
        case .small(let text): ["small": text]
        case .list(let lines): ["markup": Self.bullets(lines)]
        case .notice(let text, let severity): ["notice": text, "severity": severity]
        case .table(let table): ["markup": table.html]
        case .picture(let picture): ["markup": picture.html]
        }
    }

    private static func bullets(_ lines: [String]) -> String {
        "<ul>" + lines.map { "<li>\(PlotText.escaped($0))</li>" }.joined() + "</ul>"
    }
}
