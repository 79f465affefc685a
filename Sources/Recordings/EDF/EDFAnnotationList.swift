// SPDX-License-Identifier: GPL-3.0-or-later

/// The time-stamped annotation lists (TALs) in an annotation signal of one record.
struct EDFAnnotationList {
    /// One annotation, its onset counted in seconds from the start in the header.
    struct Entry: Hashable {
        var onset: Double
        var duration: Double?
        var text: String
    }

    /// The start of the record, which its first list gives with an empty text.
    private(set) var recordOnset: Double?
    private(set) var entries: [Entry] = []
    /// The lists that could not be read.
    private(set) var unreadable = 0

    private static let endOfText: UInt8 = 0x14
    private static let beforeDuration: UInt8 = 0x15
    /// Onsets beyond this many seconds, 30 years, are damage.
    private static let largestOnset = 1e9

    /// Reads the bytes of an annotation signal; only the first such signal of a record `tellsTime`.
    init(_ bytes: ArraySlice<UInt8>, tellsTime: Bool) {
        var isFirst = tellsTime
        for list in bytes.split(separator: 0) {
            guard let (onset, duration, texts) = Self.parts(of: list) else {
                unreadable += 1
                isFirst = false
                continue
            }
            for (position, text) in texts.enumerated() {
                if position == 0, text.isEmpty {
                    if isFirst { recordOnset = onset }
                } else {
                    entries.append(Entry(onset: onset, duration: duration, text: String(decoding: text, as: UTF8.self)))
                }
            }
            isFirst = false
        }
    }

    /// `+onset[\u{15}duration]\u{14}text\u{14}text\u{14}`
    private static func parts(
        of list: ArraySlice<UInt8>
    ) -> (onset: Double, duration: Double?, texts: [ArraySlice<UInt8>])? {
        guard list.last == endOfText, list.first == UInt8(ascii: "+") || list.first == UInt8(ascii: "-") else {
            return nil
        }
        var parts = list.dropLast().split(separator: endOfText, omittingEmptySubsequences: false)
        let stamp = parts.removeFirst().split(separator: beforeDuration, maxSplits: 1, omittingEmptySubsequences: false)
        guard let onset = number(stamp[0]), abs(onset) <= largestOnset else { return nil }
        var duration: Double?
        if stamp.count == 2, !stamp[1].isEmpty {
            guard let value = number(stamp[1]), value >= 0 else { return nil }
            duration = value
        }
        return (onset, duration, parts)
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Double? {
        let digits = bytes.dropFirst(bytes.first == UInt8(ascii: "+") || bytes.first == UInt8(ascii: "-") ? 1 : 0)
        guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }) else {
            return nil
        }
        return Double(String(decoding: bytes, as: UTF8.self)).flatMap { $0.isFinite ? $0 : nil }
    }
}
