// SPDX-License-Identifier: GPL-3.0-or-later

/// What comes from a port while it is set up: the acceleration, how often, and whether the board prints its clock.
///
/// Touches no port and asks no clock.
public struct PortProbe: Sendable {
    /// Samples that came.
    public private(set) var samples = 0
    /// Lines or frames that were no good, not counting what the stream began with.
    public private(set) var damaged = 0
    /// The numbers in a line of text.
    public private(set) var columns: Int?

    private var lines: TextLineParser?
    private var rows: [TextLineParser.Row] = []
    /// What understands a format that has a unit, and what it gave.
    private var decoder: (any SensorDecoder)?
    private var events: [SensorEvent.Kind] = []
    private var scale = 0.0
    private var first: (host: Double, clock: Double)?
    private var latest: (host: Double, clock: Double) = (0, 0)
    private var sinceFirst = 0
    private var clockGoesBack = false

    /// Seconds that tell a rate.
    private static let shortest = 2.0
    /// Host and board may differ by this share in what a unit of time is.
    private static let clockTolerance = 0.2

    /// A probe of a port that is to send a format.
    public init(_ format: PortFormat) {
        guard format.hasUnit else {
            lines = TextLineParser()
            return
        }
        let setup = PortSetup(name: "", port: "", format: format.key, baud: format.baud, rate: PortSetup.slowest)
        decoder = SensorDriver.port(setup)?.decoder
    }

    /// Takes bytes; the acceleration of each sample that they complete, as the board prints it.
    ///
    /// - Parameter time: when they came, in seconds.
    public mutating func append(_ bytes: [UInt8], at time: Double) -> [[Double]] {
        var values: [[Double]] = []
        if lines != nil {
            lines?.append(bytes, to: &rows)
            for row in rows {
                // The first line decides; another number of columns is damage.
                if columns == nil { columns = row.values.count }
                guard row.values.count == columns else {
                    damaged += 1
                    continue
                }
                note(time, clock: row.values[0])
                values.append(Array(row.values.suffix(3)))
            }
            damaged += rows.count { $0.isAfterDamage && samples > 1 }
            rows.removeAll(keepingCapacity: true)
        } else {
            decoder?.append(bytes, into: &events)
            for event in events { take(event, time, &values) }
            events.removeAll(keepingCapacity: true)
        }
        return values
    }

    private mutating func take(_ event: SensorEvent.Kind, _ time: Double, _ values: inout [[Double]]) {
        switch event {
        case .settings(let settings): scale = Double(settings.streams.first?.scale ?? 0)
        case .damage(let damage): damaged += damage.checksumErrors + damage.malformed
        case .samples(let new):
            for first in stride(from: 0, to: new.counts.count - 2, by: 3) {
                note(time, clock: 0)
                values.append(new.counts[first..<first + 3].map { Double($0) * scale })
            }
        default: break
        }
    }

    private mutating func note(_ time: Double, clock: Double) {
        samples += 1
        guard first != nil else {
            first = (time, clock)
            latest = (time, clock)
            return
        }
        sinceFirst += 1
        if clock < latest.clock { clockGoesBack = true }
        latest = (time, clock)
    }

    /// Samples a second by the computer's clock; nil before two seconds of them came.
    public var rate: Double? {
        guard let first, latest.host - first.host >= Self.shortest else { return nil }
        return Double(sinceFirst) / (latest.host - first.host)
    }

    /// What the first of four numbers counts; nil where it is no clock that was watched long enough.
    public var timeUnit: PortSetup.TimeUnit? {
        guard columns == 4, !clockGoesBack, let first, latest.host - first.host >= Self.shortest else { return nil }
        let perSecond = (latest.clock - first.clock) / (latest.host - first.host)
        return PortSetup.TimeUnit.allCases.first { abs(perSecond / $0.perSecond - 1) <= Self.clockTolerance }
    }
}
