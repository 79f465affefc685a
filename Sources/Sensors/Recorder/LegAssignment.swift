// SPDX-License-Identifier: GPL-3.0-or-later
public import Recordings

/// Which stream of which sensor is which leg; touches neither USB nor disk.
public struct LegAssignment: Hashable, Sendable {
    /// A stream of a sensor.
    public struct Source: Hashable, Sendable {
        /// The sensor's serial number.
        public var serial: String
        /// Its stream.
        public var stream: UInt8

        /// A stream of a sensor.
        public init(serial: String, stream: UInt8) {
            self.serial = serial
            self.stream = stream
        }
    }

    /// What a stream is.
    public enum Answer: Hashable, Sendable {
        case leg(Leg)
        /// Nobody told, and another stream has the leg that it could be.
        case ambiguous(with: String)
        /// It was named for neither leg.
        case unwanted
    }

    let named: [Leg: String]
    private(set) var legs: [Leg: Source] = [:]

    /// Sensors by their serial numbers; a leg that is not named is any sensor's.
    public init(left: String? = nil, right: String? = nil) {
        var named: [Leg: String] = [:]
        named[.left] = left
        named[.right] = right
        self.named = named
    }

    /// The legs that this night may have.
    public var possibleLegs: [Leg] { named.isEmpty ? Leg.allCases : Leg.allCases.filter { named[$0] != nil } }

    /// The serial numbers that were named, each once.
    public var serials: [String] {
        Leg.allCases.compactMap { named[$0] }.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// What a stream is, which says of itself that it is of `leg`; the same each time it is asked.
    public mutating func answer(to source: Source, saying leg: Leg?) -> Answer {
        if let known = legs.first(where: { $0.value == source })?.key { return .leg(known) }
        if !named.isEmpty {
            let own = possibleLegs.filter { named[$0] == source.serial && legs[$0] == nil }
            guard let chosen = own.count > 1 ? own.first(where: { $0 == leg }) ?? own.first : own.first else {
                return .unwanted
            }
            legs[chosen] = source
            return .leg(chosen)
        }
        let free = possibleLegs.filter { legs[$0] == nil }
        if let leg, free.contains(leg) {
            legs[leg] = source
            return .leg(leg)
        }
        // Who does not tell is the left leg if alone; a second one would be a guess.
        if leg == nil, legs.isEmpty {
            legs[.left] = source
            return .leg(.left)
        }
        let other = leg.flatMap { legs[$0] } ?? legs[.left] ?? legs[.right]
        return .ambiguous(with: other?.serial ?? "")
    }
}
