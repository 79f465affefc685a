// SPDX-License-Identifier: GPL-3.0-or-later

/// One thing that the log shows and a published figure beside it, in a fixed text.
public struct Notice: Hashable, Sendable {
    /// The text's name: `limit.both`, `spacing.gabapentin`, `kidney.unknown`.
    public var id: String
    /// How much it matters.
    public var severity: Severity
    /// What is said.
    public var text: String
    /// The short name of the source; the full reference is in ``ReferenceData/sources``.
    public var source: String
    /// The day or night it is about; nil if none.
    public var date: CivilDay?

    /// How much a notice matters: what is urgent is printed first and alone.
    public enum Severity: String, Hashable, Sendable, Decodable, CaseIterable, Comparable {
        case urgent, important, notice, info

        /// What matters more comes first.
        public static func < (first: Severity, second: Severity) -> Bool { first.rank < second.rank }

        private var rank: Int {
            switch self {
            case .urgent: 0
            case .important: 1
            case .notice: 2
            case .info: 3
            }
        }
    }
}
