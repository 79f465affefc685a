// SPDX-License-Identifier: GPL-3.0-or-later
import Testing

@testable import Web

@Suite struct MultipartReaderTests {
    private static let type = "multipart/form-data; boundary=\"--a b\""
    private static let body = Array(
        ("preamble\r\n----a b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n\r\n"
            + "----a b\r\nContent-Type: text/csv\r\ncontent-disposition: form-data; name=\"f\"; filename=\"a;b%22.csv\"\r\n\r\n"
            + "1\r\n----a\r\n-\r\n2\r\n----a b--\r\nepilogue").utf8)
    private static let expected: [MultipartReader.Piece] = [
        .begin(name: "x", fileName: nil), .end, .begin(name: "f", fileName: "a;b\".csv"),
        .bytes(Array("1\r\n----a\r\n-\r\n2".utf8)), .end,
    ]

    /// Pieces with neighbouring bytes joined.
    private func read(_ pieces: [[UInt8]]) throws -> (pieces: [MultipartReader.Piece], isComplete: Bool) {
        var reader = try #require(MultipartReader(contentType: Self.type))
        var found: [MultipartReader.Piece] = []
        for piece in pieces {
            for next in try reader.append(piece) {
                if case .bytes(let more) = next, case .bytes(let before)? = found.last {
                    found[found.count - 1] = .bytes(before + more)
                } else {
                    found.append(next)
                }
            }
        }
        return (found, reader.isComplete)
    }

    @Test func aFormReadsTheSameHoweverItIsCut() throws {
        for size in [1, 2, 3, 7, 16, 50, 1000] {
            let pieces = stride(from: 0, to: Self.body.count, by: size).map {
                Array(Self.body[$0..<min($0 + size, Self.body.count)])
            }
            let (found, isComplete) = try read(pieces)
            #expect(found == Self.expected && isComplete, "in pieces of \(size)")
        }
    }

    @Test func aFormThatIsCutOffIsNotComplete() throws {
        let end = Self.body.count - "--\r\nepilogue".utf8.count
        for count in stride(from: 0, through: end, by: 1) {
            #expect(try !read([Array(Self.body[..<count])]).isComplete, "after \(count) bytes")
        }
    }

    @Test(arguments: [
        "text/plain", "multipart/form-data", "multipart/form-data; boundary=", "multipart/mixed; boundary=a",
        "multipart/form-data; boundary=" + String(repeating: "a", count: 71), "multipart/form-data; boundary=ä",
    ])
    func otherTypesAreNoForm(type: String) {
        #expect(MultipartReader(contentType: type) == nil)
    }

    @Test(arguments: [
        "\r\n----a bXX", "\r\n----a b\r\n\r\n\r\n", "\r\n----a b\r\nContent-Disposition: form-data\r\n\r\n",
        "\r\n----a b\r\n" + String(repeating: "x", count: 9000),
        String(repeating: "\r\n----a b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n", count: 101),
    ])
    func nonsenseIsRefused(body: String) {
        #expect(throws: MultipartReader.Malformed.self) { try read([Array(body.utf8)]) }
    }
}
