// SPDX-License-Identifier: GPL-3.0-or-later
internal import Comparison
internal import Glibc

/// Where a value stands along an axis.
struct Scale: Hashable {
    /// How values are spread.
    enum Kind: Hashable {
        case linear
        /// Equal ratios are equally far apart; only positive values have a place.
        case logarithmic
    }

    let kind: Kind
    /// The values from one end to the other.
    let domain: ClosedRange<Double>
    /// Where the domain's ends stand, in the picture's units; the first may be the larger one.
    let start: Double
    let end: Double

    /// - Precondition: the domain is finite and not empty, and positive on a logarithmic axis.
    init(_ kind: Kind = .linear, _ domain: ClosedRange<Double>, from start: Double, to end: Double) {
        precondition(
            domain.lowerBound.isFinite && domain.upperBound.isFinite && domain.lowerBound < domain.upperBound,
            "an axis from \(domain.lowerBound) to \(domain.upperBound)")
        precondition(kind == .linear || domain.lowerBound > 0, "a logarithmic axis from \(domain.lowerBound)")
        self.kind = kind
        self.domain = domain
        self.start = start
        self.end = end
    }

    /// The place of a value; one outside the domain stands at the nearer end.
    func callAsFunction(_ value: Double) -> Double {
        guard !value.isNaN else { return start }
        let value = min(domain.upperBound, max(domain.lowerBound, value))
        let share =
            switch kind {
            case .linear: (value - domain.lowerBound) / (domain.upperBound - domain.lowerBound)
            case .logarithmic: log(value / domain.lowerBound) / log(domain.upperBound / domain.lowerBound)
            }
        return start + share * (end - start)
    }

    /// Whether a value has a place of its own.
    func contains(_ value: Double) -> Bool { domain.contains(value) }

    /// Where the axis is marked.
    var ticks: [Double] {
        switch kind {
        case .linear: Ticks.linear(domain)
        case .logarithmic: Ticks.logarithmic(domain)
        }
    }
}

/// Round values at which an axis is marked.
enum Ticks {
    /// Multiples of 1, 2 or 5 times a power of ten, at most so many.
    static func linear(_ domain: ClosedRange<Double>, atMost most: Int = 6) -> [Double] {
        let span = domain.upperBound - domain.lowerBound
        guard span > 0, span.isFinite else { return [domain.lowerBound] }
        let power = pow(10, floor(log10(span / Double(most))))
        for factor in [1.0, 2, 5, 10, 20] {
            let step = factor * power
            let first = Int((domain.lowerBound / step - 1e-9).rounded(.up))
            let last = Int((domain.upperBound / step + 1e-9).rounded(.down))
            if first <= last, last - first + 1 <= most { return (first...last).map { Double($0) * step } }
        }
        return [domain.lowerBound, domain.upperBound]
    }

    /// The mantissas of a decade, from few to many.
    private static let mantissas: [[Double]] = [
        [1], [1, 2, 5], [1, 1.5, 2, 3, 5, 7], [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9],
        [1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.8, 2, 2.2, 2.5, 3, 3.5, 4, 4.5, 5, 5.5, 6, 6.5, 7, 7.5, 8, 8.5, 9, 9.5],
    ]

    /// Powers of ten and round values between them: at least four where the domain is not narrower than they are.
    static func logarithmic(_ domain: ClosedRange<Double>, atLeast least: Int = 4) -> [Double] {
        guard domain.lowerBound > 0 else { return [] }
        // A tick at an end is one, whatever rounding made of it.
        let (lowest, highest) = (domain.lowerBound * (1 - 1e-9), domain.upperBound * (1 + 1e-9))
        let decades = Int(floor(log10(domain.lowerBound)))...Int(ceil(log10(domain.upperBound)))
        var ticks: [Double] = []
        for mantissas in Self.mantissas {
            ticks = []
            for decade in decades {
                let power = pow(10, Double(decade))
                ticks += mantissas.map { $0 * power }.filter { lowest...highest ~= $0 }
            }
            if ticks.count >= least { break }
        }
        return ticks
    }
}

/// Numbers as the text of a picture.
enum PlotNumber {
    /// A coordinate: tenths of the picture's unit, without needless digits.
    static func coordinate(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        let (whole, rest) = (abs(tenths) / 10, abs(tenths) % 10)
        return (tenths < 0 ? "-" : "") + (rest == 0 ? String(whole) : "\(whole).\(rest)")
    }

    /// A tick's label: as many decimals as it needs, at most four.
    static func label(_ value: Double) -> String {
        for decimals in 0...4 {
            let scale = pow(10, Double(decimals))
            let rounded = (value * scale).rounded() / scale
            if abs(rounded - value) <= 1e-9 * max(1, abs(value)) || decimals == 4 {
                return fixed(rounded, decimals)
            }
        }
        return fixed(value, 0)
    }

    /// A number with so many decimals, and a minus sign that is one.
    static func fixed(_ value: Double, _ decimals: Int) -> String {
        let text = Shown.decimals(value, decimals)
        return text.hasPrefix("-") ? "−" + text.dropFirst() : text
    }
}
