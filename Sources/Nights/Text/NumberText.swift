// SPDX-License-Identifier: GPL-3.0-or-later

/// A number as a person writes it, with what stands behind it: `8,2`, `2g`, `200 mg`.
struct NumberText: Hashable {
    var value: Double
    /// The word behind the number; empty if none.
    var suffix: String

    enum Problem: Error {
        case empty
        /// No number, or none that is finite.
        case unreadable
        /// A separator that may group thousands or begin decimals; the two readings.
        case ambiguous(grouped: String, decimal: String)
    }

    /// Reads a number, a point or a comma before its decimals, and the word behind it.
    init(_ text: some StringProtocol) throws(Problem) {
        let trimmed = String(text).trimmingAround(" \t")
        guard !trimmed.isEmpty else { throw .empty }
        var rest = trimmed[...]
        var digits = ""
        if let sign = rest.first, "+-−".contains(sign) {
            if sign != "+" { digits = "-" }
            rest.removeFirst()
        }
        let body = rest.prefix { ("0"..."9").contains($0) || $0 == "." || $0 == "," }
        rest = rest.dropFirst(body.count)
        digits += try Self.plain(body)
        if let mark = rest.first, mark == "e" || mark == "E" {
            let sign = rest.dropFirst().prefix { $0 == "+" || $0 == "-" }
            let exponent = rest.dropFirst(1 + sign.count).prefix { ("0"..."9").contains($0) }
            if sign.count <= 1, !exponent.isEmpty {
                digits += "e" + sign + exponent
                rest = rest.dropFirst(1 + sign.count + exponent.count)
            }
        }
        suffix = String(rest).trimmingAround(" \t")
        guard let value = Double(digits), value.isFinite,
            !suffix.contains(where: { $0.isNumber || "+-−.,".contains($0) })
        else { throw .unreadable }
        self.value = value
    }

    /// Digits with at most one decimal point, from digits with points and commas.
    private static func plain(_ body: Substring) throws(Problem) -> String {
        let separators = body.filter { !$0.isNumber }
        guard body.contains(where: \.isNumber), body.last?.isNumber == true else { throw .unreadable }
        let groups = body.split(omittingEmptySubsequences: false) { !$0.isNumber }
        let isGrouped = (1...3).contains(groups[0].count) && groups[0].first != "0"
        let joined = groups.joined()
        switch (separators.count, Set(separators).count) {
        case (0, _): return joined
        case (1, _) where separators == "." || !(isGrouped && groups[1].count == 3):
            return "\(groups[0]).\(groups[1])"
        case (1, _):
            throw .ambiguous(grouped: joined, decimal: "\(groups[0]).\(groups[1])")
        // Several of one separator can only be groups of thousands; one of each, groups and then decimals.
        case (_, 1) where isGrouped && groups.dropFirst().allSatisfy { $0.count == 3 }:
            throw .ambiguous(grouped: joined, decimal: joined)
        case (_, 2) where isGrouped && groups.dropFirst().dropLast().allSatisfy { $0.count == 3 }:
            let decimal = "\(groups.dropLast().joined()).\(groups[groups.count - 1])"
            throw .ambiguous(grouped: decimal, decimal: decimal)
        default: throw .unreadable
        }
    }

    /// A number with as few digits as read back the same.
    static func text(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
    }
}
