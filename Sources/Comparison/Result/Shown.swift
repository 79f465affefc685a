// SPDX-License-Identifier: GPL-3.0-or-later
internal import Glibc

/// Numbers as a reader gets them, without more digits than they carry.
public enum Shown {
    /// A share in whole percent: `34 %`.
    public static func percent(_ share: Double) -> String { "\(decimals(share * 100, 0)) %" }

    /// A p value with two significant digits, or `< .001`.
    public static func pValue(_ p: Double) -> String {
        guard p >= 0.001 else { return "< 0.001" }
        return decimals(p, p >= 0.995 ? 1 : p >= 0.0995 ? 2 : p >= 0.00995 ? 3 : 4)
    }

    /// A p value with its name: `p = 0.03`, `p < 0.001`.
    public static func named(p: Double) -> String { p < 0.001 ? "p < 0.001" : "p = \(pValue(p))" }

    /// So many nights.
    public static func nights(_ count: Int) -> String { count == 1 ? "1 night" : "\(count) nights" }

    /// A probability to the nearest 5 %, never nearer to 0 or 1 than that.
    public static func probability(_ p: Double) -> String {
        "\(Int(min(95, max(5, (p * 20).rounded() * 5)))) %"
    }

    /// A ratio with two decimals.
    public static func ratio(_ ratio: Double) -> String { decimals(ratio, 2) }

    /// A number with so many decimals.
    public static func decimals(_ value: Double, _ count: Int) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
        let scale = pow(10, Double(count))
        let scaled = Int((abs(value) * scale).rounded())
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard count > 0 else { return "\(sign)\(scaled)" }
        let digits = String(scaled)
        let padded = String(repeating: "0", count: max(0, count + 1 - digits.count)) + digits
        return "\(sign)\(padded.dropLast(count)).\(padded.suffix(count))"
    }

    /// A larger ratio says only that the nights say nothing.
    private static let largestRatio = 100.0

    /// A ratio as a change: `34 % lower`, `1 % higher`, `the same`.
    public static func change(_ ratio: Double) -> String {
        guard ratio <= largestRatio else { return "more than \(decimals(largestRatio, 0)) times as high" }
        let percent = Int(((ratio - 1) * 100).rounded())
        return percent == 0 ? "the same" : percent < 0 ? "\(-percent) % lower" : "\(percent) % higher"
    }
}
