// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Journal
import Recordings

/// What a picture of a night is drawn from: for each leg the streams of recordings, by the times of the night.
struct NightTrace: Hashable, Sendable {
    /// A stream of a recording.
    struct Part: Hashable, Sendable {
        var path: String
        var sha256: String
        var stream: Int
    }

    /// The night's first sample, in seconds since the Unix epoch on the recording's clock.
    var start: Double
    /// The parts of each leg, in the order of time.
    var legs: [Leg: [Part]]
    /// What belongs to the night, on the recording's clock; nil for all.
    var window: Range<Double>?

    init(start: Double, legs: [Leg: [Part]], window: Range<Double>? = nil) {
        self.start = start
        self.legs = legs
        self.window = window
    }

    /// The night as its result had it, or as the journal has it now.
    init(_ input: NightInput, start: Double, in store: JournalStore) throws {
        self.start = start
        legs = [:]
        for leg in try input.legs(in: store) {
            let own = input.parts.filter { $0.leg == leg.leg.rawValue }
            legs[leg.leg] = zip(leg.parts, own).map { Part(path: $0.path, sha256: $1.sha256, stream: $0.stream) }
            window = window ?? leg.window
        }
    }
}

/// What of a night's trace is wanted: so many columns of a leg from one time to another.
struct TraceQuery: Hashable, Sendable {
    var leg: Leg
    /// In ms from the start of the night.
    var span: Range<Double>
    var columns: Int

    /// The widest picture.
    static let mostColumns = 4096
    /// Times beyond this, in ms from the start of the night, are in no night.
    private static let farthest = 1e10

    /// The query of an address: `leg=L&from=MS&to=MS&px=N`.
    init(_ fields: [String: String]) throws(BadQuery) {
        guard let leg = fields["leg"].flatMap({ Leg(rawValue: $0) }) else {
            throw BadQuery(words: "leg is L or R")
        }
        let (from, to) = (try Self.time("from", fields), try Self.time("to", fields))
        guard from < to else { throw BadQuery(words: "from must lie before to") }
        guard let columns = fields["px"].flatMap({ Int($0) }), (1...Self.mostColumns).contains(columns) else {
            throw BadQuery(words: "px is a whole number from 1 to \(Self.mostColumns)")
        }
        self.leg = leg
        span = from..<to
        self.columns = columns
    }

    /// A time in ms from the start of the night.
    static func time(_ name: String, _ fields: [String: String]) throws(BadQuery) -> Double {
        guard let time = fields[name].flatMap({ Double($0) }), time.isFinite, time.magnitude <= farthest else {
            throw BadQuery(words: "\(name) is a time in ms from the start of the night")
        }
        return time
    }
}

/// A question that cannot be answered as it stands.
struct BadQuery: Error, Hashable {
    var words: String
}

/// A piece of a night's trace, as a page takes it: numbers as they lie in memory, little-endian.
///
/// 24 bytes: u32 `NTT1`; u8 0 for least and largest values or 1 for single samples; u8 axes (3); u16 sampling periods in a
/// column (0 for single samples); f64 mg in a step; u32 columns or samples; u32 runs. For each run 24 bytes: f64 its start in
/// ms from the start of the night; f64 ms from one to the next; u32 columns or samples; u32 1 where it follows the run before
/// without a gap. Then i16: six for each column (the least x, y, z, then the largest; largest −32768 for no data) or three for
/// each sample.
struct TraceTile {
    private(set) var bytes: [UInt8] = []

    private static let magic: UInt32 = 0x3154_544E

    /// Columns.
    init(_ envelope: TraceEnvelope, start: Double) {
        let grid = envelope.grid
        head(0, periods: UInt16(clamping: grid.periods), step: envelope.step, count: grid.count, runs: 1)
        run(start: (grid.start - start) * 1000, period: grid.step * 1000, count: grid.count, isJoined: false)
        for value in envelope.values { append(value) }
    }

    /// Single samples.
    init(_ runs: [SampleRun], step: Double, start: Double) {
        head(1, periods: 0, step: step, count: runs.reduce(0) { $0 + $1.count }, runs: runs.count)
        for own in runs {
            run(
                start: (own.start - start) * 1000, period: own.period * 1000, count: own.count, isJoined: own.isJoined)
        }
        for own in runs { for value in own.values { append(value) } }
    }

    private mutating func head(_ kind: UInt8, periods: UInt16, step: Double, count: Int, runs: Int) {
        append(Self.magic)
        append(kind)
        append(UInt8(3))
        append(periods)
        append((step * 1000).bitPattern)
        append(UInt32(count))
        append(UInt32(runs))
    }

    private mutating func run(start: Double, period: Double, count: Int, isJoined: Bool) {
        append(start.bitPattern)
        append(period.bitPattern)
        append(UInt32(count))
        append(UInt32(isJoined ? 1 : 0))
    }

    private mutating func append<Value: FixedWidthInteger>(_ value: Value) {
        for byte in 0..<Value.bitWidth / 8 { bytes.append(UInt8(truncatingIfNeeded: value >> Value(8 * byte))) }
    }
}
