// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Synchronization
import Web

/// Answers of commands that wait to be shown: after a form was taken, the browser goes on to a page that can be loaded again without
/// doing anything again.
final class AnswerShelf: Sendable {
    /// What a command answered, and a document that it made.
    struct Item: Sendable {
        var answers: [OwnCommands.Answer]
        var document: [UInt8]?
    }

    private let items = Mutex<[(key: String, item: Item)]>([])

    /// Older ones are forgotten.
    private static let most = 24
    /// The most bytes of documents.
    private static let mostBytes = 32 << 20

    /// Keeps answers, and leads to the page that shows them.
    func show(_ answers: [OwnCommands.Answer], document: [UInt8]? = nil, on path: String) -> PageResponse {
        let key = UUID().uuidString.lowercased()
        items.withLock { items in
            items.append((key, Item(answers: answers, document: document)))
            while items.count > Self.most
                || items.count > 1 && items.reduce(0, { $0 + ($1.item.document?.count ?? 0) }) > Self.mostBytes
            {
                items.removeFirst()
            }
        }
        return .seeOther("\(path)?said=\(key)")
    }

    /// What is kept under a key.
    func item(_ key: String?) -> Item? {
        items.withLock { items in items.first { $0.key == key }?.item }
    }

    /// What a page is asked to show, as HTML; nothing where it is asked for nothing.
    func html(_ request: PageRequest) -> HTML {
        HTML(trusted: item(request.query["said"])?.answers.map(\.html.text).joined() ?? "")
    }
}
