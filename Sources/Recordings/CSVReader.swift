// SPDX-License-Identifier: GPL-3.0-or-later

/// Reads samples from text with a time stamp in each row.
///
/// What the columns are is found out from the first lines: ActiLife's and GENEActiv's exports, Axivity's, those of phone loggers, and
/// any with a time and three named axes; else a ``CSVMap`` says it. The delimiter is a comma, a semicolon or a tab. Acceleration
/// is handed out in g, rotation in °/s. Lines that begin with `#` are remarks. The stamps place every row; a hole of more than
/// ``largestStep`` between two is a gap.
public struct CSVReader: RecordingReader {
    /// What the file says of itself; the rate is estimated from the first stamps.
    public let header: RecordingHeader
    /// The rows that were left out.
    public var report: ReadingReport { rows.report }

    /// How much of the file was read.
    public var fractionRead: Double? { rows.fractionRead }

    private var rows: CSVRows
    private let channelCount: Int
    /// By what each channel becomes g or °/s.
    private let factors: [Float]
    private let period: Double
    /// Rows read to estimate the rate, not yet handed out; the first at the end.
    private var waiting: [CSVRows.Row]
    private var nextIndex: Int64 = 0
    private var lastStamp: Double?
    private var lastTime = 0.0
    private var carriedGap: Gap?

    /// A stamp before this, 1973, counts from a start of its own: no logger is as old.
    private static let earliestDate = 1e8
    /// Rows in a block.
    private static let rowsInBlock = 1024
    /// Rows from which the rate is estimated.
    private static let rowsForRate = 2000
    /// A hole between two stamps is a gap when it is longer than this, in seconds, and than three periods.
    ///
    /// Loggers on phones and over Bluetooth stamp in bursts: shorter holes cannot be told from a late stamp.
    public static let largestStep = 0.25

    /// Opens a text file and reads as many rows as it takes to know the rate.
    public init(_ source: ByteSource, map: CSVMap? = nil) throws(RecordingError) {
        var rows = try CSVRows(source, map: map)
        var first: [CSVRows.Row] = []
        while first.count < Self.rowsForRate, let row = try rows.next() { first.append(row) }
        guard !first.isEmpty else {
            throw RecordingError(
                .noSamples, path: source.path, problem: "holds no row with a time and three axes",
                remedy: rows.report.items.first.map { "first problem: \($0.what), \($0.firstPlace)" }
                    ?? "check that the export was finished")
        }
        let layout = rows.layout
        var rate = Self.rate(of: first)
        if case .rows(_, let stated) = layout.time { rate = stated }
        period = rate > 0 ? 1 / rate : 0
        channelCount = layout.channels.count
        var assumptions = layout.isOwn ? [] : [layout.description]
        if let stated = layout.factors {
            factors = stated.map { Float($0) }
        } else {
            let unit = try CSVUnit(of: first, source.path)
            factors = layout.channels.indices.map { $0 < 3 ? unit.factor : 1 }
            if let assumption = unit.assumption { assumptions.append(assumption) }
        }
        if first[0].stamp < Self.earliestDate {
            assumptions.append("times count from a start of their own, so the date and the time of day are unknown")
        }
        header = RecordingHeader(
            format: .csv, device: layout.maker, site: layout.site,
            streams: [
                StreamInfo(
                    leg: layout.leg ?? Leg(site: layout.site), site: layout.site, nominalRate: rate,
                    channels: layout.channels)
            ],
            assumptions: assumptions)
        self.rows = rows
        waiting = first.reversed()
    }

    /// Whether bytes look like text: no zero byte and few control characters.
    static func mayBegin(with bytes: [UInt8]) -> Bool {
        bytes.allSatisfy { $0 >= 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
    }

    /// Fills `block` with rows up to the next gap.
    public mutating func read(into block: inout SampleBlock) throws(RecordingError) -> Bool {
        block.values.removeAll(keepingCapacity: true)
        block.times.removeAll(keepingCapacity: true)
        block.stream = 0
        block.channelCount = channelCount
        block.firstIndex = nextIndex
        block.nominalPeriod = period
        block.temperature = nil
        block.gapBefore = carriedGap
        carriedGap = nil
        while block.times.count < Self.rowsInBlock {
            guard let row = try nextRow() else { break }
            guard let values = row.values else {
                (lastStamp, lastTime) = (row.stamp, row.stamp)
                if block.times.isEmpty {
                    block.gapBefore = Gap(.notANumber)
                    continue
                }
                carriedGap = Gap(.notANumber)
                break
            }
            if let gap = gap(before: row) {
                if !block.times.isEmpty {
                    carriedGap = gap
                    waiting.append(row)
                    lastStamp = nil
                    break
                }
                block.gapBefore = block.gapBefore ?? gap
            }
            // Several rows under one coarse stamp follow each other at the estimated rate.
            lastTime = row.stamp == lastStamp ? lastTime + period : row.stamp
            lastStamp = row.stamp
            block.times.append(lastTime)
            for value in 0..<channelCount { block.values.append(values[value] * factors[value]) }
        }
        guard let start = block.times.first else { return false }
        block.anchor = ClockAnchor(index: Double(nextIndex), time: start)
        nextIndex += Int64(block.times.count)
        return true
    }

    private mutating func nextRow() throws(RecordingError) -> CSVRows.Row? {
        if let row = waiting.popLast() { return row }
        return try rows.next()
    }

    private mutating func gap(before row: CSVRows.Row) -> Gap? {
        guard let lastStamp else { return nil }
        if row.stamp < lastStamp {
            rows.report.note("places where time runs backwards", at: "line \(row.line)")
            return Gap(.timeHole)
        }
        return row.stamp - lastTime > max(Self.largestStep, 3 * period) ? Gap(.timeHole) : nil
    }

    /// Samples a second: the median step, or where several rows share a stamp the mean one; 0 for a single row.
    private static func rate(of rows: [CSVRows.Row]) -> Double {
        var steps: [Double] = []
        for pair in zip(rows.dropFirst(), rows) where pair.0.stamp >= pair.1.stamp {
            steps.append(pair.0.stamp - pair.1.stamp)
        }
        steps.sort()
        guard let largest = steps.last, largest > 0 else { return 0 }
        let median = steps[steps.count / 2]
        if median > 0 { return 1 / median }
        // Coarse stamps: count the rows between the first and the last change of the stamp.
        let changes = rows.indices.dropFirst().filter { rows[$0].stamp > rows[$0 - 1].stamp }
        guard let start = changes.first, let end = changes.last, end > start else {
            return Double(rows.count - 1) / largest
        }
        return Double(end - start) / (rows[end].stamp - rows[start].stamp)
    }
}

/// The unit of acceleration where no name tells it: at rest the three axes together are 1 g.
private struct CSVUnit {
    var factor: Float
    /// What was concluded; nil for g, which is what is expected.
    var assumption: String?

    init(of rows: [CSVRows.Row], _ path: String) throws(RecordingError) {
        let lengths = rows.compactMap { row in
            row.values.map { ($0[0] * $0[0] + $0[1] * $0[1] + $0[2] * $0[2]).squareRoot() }
        }.sorted()
        let median = lengths.isEmpty ? 1 : lengths[lengths.count / 2]
        switch median {
        case ..<5: factor = 1
        case 8..<12:
            factor = Float(1 / Quantity.standardGravity)
            assumption = "no unit is named, and the values are like m/s² (median length \(median)), so taken as that"
        case 800..<1200:
            factor = 0.001
            assumption = "no unit is named, and the values are like mg (median length \(median)), so taken as that"
        default:
            throw RecordingError(
                .malformed, path: path,
                problem: "has values like no acceleration in g, mg or m/s² (median length \(median))",
                remedy: "say the columns and the unit: nattro convert IN OUT.csv --map time=1,x=2,y=3,z=4,unit=g")
        }
    }
}
