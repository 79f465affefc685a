// SPDX-License-Identifier: GPL-3.0-or-later
internal import Recordings

extension SensorDriver {
    /// Lines of text on a serial port, `x,y,z` or `t,x,y,z`: what most hobby boards print.
    ///
    /// Any board may send it, so no device is known by its numbers: the port is named by its user, who also sees to its permission.
    static let textLines = SensorDriver(
        name: "text lines (no gap detection)", identities: [],
        transport: .port(
            PortFormat(
                key: "text", baud: 115_200, hasUnit: false,
                slowness: "let the board's program measure and print more often, without a long delay",
                commands: nil),
            makeDecoder: { TextLineDecoder($0) }))
}

/// Understands lines of text as their port was set up.
struct TextLineDecoder: PlainDecoder {
    private var parser: TextLineParser
    var samples: PlainSamples
    private let setup: PortSetup
    /// The g of a count over what 1 g reads as.
    private let factor: Double
    private var clock: LineClock
    private var rows: [TextLineParser.Row] = []
    private var known = (lines: 0, bytes: 0)

    /// The largest acceleration in g that is kept of lines in g, mg or m/s².
    private static let range = 16.0
    /// Where 1 g reads as at least so much, a unit is a count: nothing is rounded that tells anything.
    private static let finest = 1000.0

    init(_ setup: PortSetup) {
        self.setup = setup
        let columns = setup.time == nil ? 3 : 4
        parser = TextLineParser(columns: columns...columns)
        let scale = setup.gravity >= Self.finest ? 1 / setup.gravity : Self.range / 32_768
        factor = 1 / (setup.gravity * scale)
        clock = LineClock(setup.time)
        samples = PlainSamples(
            SensorSettings(
                serial: setup.name,
                streams: [
                    .init(
                        leg: nil, model: "text lines", rate: Float(setup.rate), range: Float(32_768 * scale),
                        scale: Float(scale))
                ]))
    }

    mutating func append(_ bytes: [UInt8], into events: inout [SensorEvent.Kind]) {
        // Line by line, so that damage is told before the row after it, however the bytes are cut.
        for part in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            if part.offset > 0 {
                parser.append([UInt8(ascii: "\n")], to: &rows)
                emit(into: &events)
            }
            parser.append(Array(part.element), to: &rows)
        }
    }

    mutating func restart(isNewRun: Bool) {
        parser.restart()
        note()
        if isNewRun { clock.restart() }
    }

    private mutating func emit(into events: inout [SensorEvent.Kind]) {
        note()
        for row in rows {
            var time: UInt64 = 0
            if setup.time != nil {
                let reading = clock.time(row.values[0])
                if reading.isRestart { samples.restart() }
                time = reading.time
            }
            if row.isAfterDamage { samples.hole() }
            samples.append(
                row.values.suffix(3).map {
                    Int16(clamping: Int(($0 * factor).rounded().clamped(to: -40_000...40_000)))
                },
                time: time, into: &events)
        }
        rows.removeAll(keepingCapacity: true)
    }

    /// Hands on what the parser passed over.
    private mutating func note() {
        let damage = TransferDamage(
            skippedBytes: parser.skippedBytes - known.bytes, malformed: parser.badLines - known.lines)
        known = (parser.badLines, parser.skippedBytes)
        // What is passed over is a hole only where a line was no row, and the row after it says so.
        samples.note(damage)
    }
}

/// The clock of a board that prints it in each line: counters that wrap around, and start anew with the board.
struct LineClock: Hashable, Sendable {
    private let unit: PortSetup.TimeUnit?
    private var last: Double?
    /// What the wraps so far add up to.
    private var wrapped = 0.0

    /// Boards count in 32 bits: microseconds wrap around after 71 minutes.
    private static let wrap = 4_294_967_296.0

    init(_ unit: PortSetup.TimeUnit?) { self.unit = unit }

    /// Microseconds, never 0; and whether the board started anew.
    mutating func time(_ value: Double) -> (time: UInt64, isRestart: Bool) {
        var isRestart = false
        if let last, value < last {
            if last - value > Self.wrap / 2, last < Self.wrap {
                wrapped += Self.wrap
            } else {
                isRestart = true
                wrapped = 0
            }
        }
        last = value
        let microseconds = (value + wrapped) * 1_000_000 / (unit?.perSecond ?? 1)
        return (UInt64(microseconds.clamped(to: 1...9e18)), isRestart)
    }

    /// The board was away: its clock may be another.
    mutating func restart() {
        last = nil
        wrapped = 0
    }
}

extension Double {
    /// The nearest number within a range.
    func clamped(to range: ClosedRange<Double>) -> Double { min(max(self, range.lowerBound), range.upperBound) }
}
