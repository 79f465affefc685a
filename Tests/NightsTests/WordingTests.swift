// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Nights
import TestSupport
import Testing

/// Reads every text that the product can print: the reference data's, and all string literals of all sources.
@Suite struct WordingTests {
    private struct Reference: Decodable {
        struct Row: Decodable {
            var id: String?
            var text: String?
            var rule: String?
            var name: String?
            var finding: String?
            var outcome: String?
            var limits: String?
            var design: String?
            var source: String
            var checked: String
        }
        struct Words: Decodable {
            var banned: [String]
            var bannedOutsideEvidence: [String]
            var bannedWithoutStatistically: [String]
            var approved: [String]
        }
        var version: String
        var sources: [String: String]
        var constants: [Row]
        var forms: [Row]
        var allowances: [Row]
        var limits: [Row]
        var medicineClasses: [Row]
        var labs: [Row]
        var kidney: [Row]
        var redFlags: [Row]
        var absorption: [Row]
        var evidence: [Row]
        var texts: [Row]
        var wording: Words

        var tables: [[Row]] {
            [
                constants, forms, allowances, limits, medicineClasses, labs, kidney, redFlags, absorption, evidence,
                texts,
            ]
        }
    }

    private static func reference() throws -> Reference {
        let file = Fixtures.project.appending(path: "Sources/Nights/Reference/reference.json")
        return try JSONDecoder().decode(Reference.self, from: Data(contentsOf: file))
    }

    /// The words in a text that no text may have; quoted titles are left out.
    private static func forbidden(_ text: String, _ words: Reference.Words, isEvidence: Bool = false) throws -> [String]
    {
        var rest = text.lowercased()
        for approved in words.approved { rest = rest.replacingOccurrences(of: approved, with: "") }
        rest = try rest.replacing(Regex("\"[^\"]*\""), with: "")
        var found: [String] = []
        for pattern in words.banned + (isEvidence ? [] : words.bannedOutsideEvidence) {
            found += try rest.matches(of: Regex("\\b(?:\(pattern))\\b")).map { String(rest[$0.range]) }
        }
        for pattern in words.bannedWithoutStatistically {
            let without = rest.replacingOccurrences(of: "statistically \(pattern)", with: "")
            if try without.contains(Regex("\\b\(pattern)\\b")) { found.append(pattern) }
        }
        return found
    }

    @Test func everyRowHasASourceAndADate() throws {
        let reference = try Self.reference()
        for row in reference.tables.joined() {
            #expect(reference.sources[row.source] != nil, "\(row)")
            #expect(CivilDay(row.checked) != nil, "\(row)")
        }
        #expect(reference.version == ReferenceData.current.version)
    }

    @Test func noTextOfTheReferenceDataHasAForbiddenWord() throws {
        let reference = try Self.reference()
        for table in reference.tables {
            for row in table {
                for text in [row.text, row.rule, row.name, row.limits, row.design].compactMap(\.self) {
                    #expect(try Self.forbidden(text, reference.wording) == [], "\(text)")
                }
                for text in [row.finding, row.outcome].compactMap(\.self) {
                    #expect(try Self.forbidden(text, reference.wording, isEvidence: true) == [], "\(text)")
                }
            }
        }
    }

    @Test(arguments: [
        "you should stop", "It is safe.", "This cures", "effective", "It works", "a significant fall",
        "caused by magnesium", "you are deficient",
    ])
    func theLintItselfFindsForbiddenWords(_ text: String) throws {
        #expect(try !Self.forbidden(text, Self.reference().wording).isEmpty)
    }

    @Test func theLintLeavesWhatIsApproved() throws {
        let words = try Self.reference().wording
        #expect(try Self.forbidden("It is not a diagnosis; statistically significant; unsafely", words) == [])
    }

    @Test func noStringInAnySourceHasAForbiddenWord() throws {
        let words = try Self.reference().wording
        let sources = Fixtures.project.appending(path: "Sources")
        let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
        var literals = 0
        for case let file as URL in files where file.pathExtension == "swift" {
            for text in SwiftText.literals(try String(contentsOf: file, encoding: .utf8)) {
                literals += 1
                #expect(try Self.forbidden(text, words) == [], "\(file.lastPathComponent): \(text)")
            }
        }
        #expect(literals > 1000)
    }

    @Test func theReaderOfLiteralsSeesThem() {
        let source = #"""
            let a = "one" // "not this"
            /* "nor this" */ let b = "two \(f("inner")) three"
            let c = """
                several
                lines "quoted"
                """
            """#
        #expect(
            SwiftText.literals(source) == ["one", "inner", "two  three", "\n    several\n    lines \"quoted\"\n    "])
    }
}

/// The string literals of Swift text, without what is interpolated into them.
enum SwiftText {
    static func literals(_ source: String) -> [String] {
        var reader = Reader(Array(source.unicodeScalars))
        reader.code(until: nil)
        return reader.literals
    }

    private struct Reader {
        let text: [Unicode.Scalar]
        var position = 0
        var literals: [String] = []

        init(_ text: [Unicode.Scalar]) {
            self.text = text
        }

        func at(_ word: String) -> Bool {
            let scalars = Array(word.unicodeScalars)
            return position + scalars.count <= text.count && Array(text[position..<position + scalars.count]) == scalars
        }

        /// Goes through code up to the closing parenthesis of an interpolation, or to the end.
        mutating func code(until end: Unicode.Scalar?) {
            var depth = 0
            while position < text.count {
                if at("//") {
                    while position < text.count, text[position] != "\n" { position += 1 }
                } else if at("/*") {
                    while position < text.count, !at("*/") { position += 1 }
                    position += 2
                } else if at("\"") || at("#\"") || at("##\"") {
                    literal()
                } else {
                    if text[position] == "(" { depth += 1 }
                    if text[position] == ")" {
                        if depth == 0, end != nil { return }
                        depth -= 1
                    }
                    position += 1
                }
            }
        }

        mutating func literal() {
            var hashes = ""
            while at("#") {
                hashes += "#"
                position += 1
            }
            let quotes = at("\"\"\"") ? "\"\"\"" : "\""
            position += quotes.count
            var content = ""
            while position < text.count, !at(quotes + hashes) {
                if at("\\\(hashes)(") {
                    position += 2 + hashes.count
                    code(until: ")")
                    position += 1
                } else if at("\\\(hashes)"), hashes.isEmpty {
                    content.unicodeScalars.append(contentsOf: text[position..<min(position + 2, text.count)])
                    position += 2
                } else {
                    content.unicodeScalars.append(text[position])
                    position += 1
                }
            }
            position += quotes.count + hashes.count
            literals.append(content)
        }
    }
}
