// SPDX-License-Identifier: GPL-3.0-or-later
public import Nights

extension CivilDay {
    private static let daySeconds = 86_400.0

    /// The night that a moment lies in: the one that began at the noon before.
    ///
    /// - Parameter time: seconds since the Unix epoch on a local clock, like every time of a recording.
    public init(nightAtLocal time: Double) {
        self.init(daysSince1970: Int((time / Self.daySeconds - 0.5).rounded(.down)))
    }

    /// The night from its noon to the next, in seconds since the Unix epoch on a local clock.
    public var nightSpan: Range<Double> {
        let noon = (Double(daysSince1970) + 0.5) * Self.daySeconds
        return noon..<noon + Self.daySeconds
    }
}
