// SPDX-License-Identifier: GPL-3.0-or-later

/// Columns of equal width over a stretch of time.
public struct TraceGrid: Hashable, Sendable {
    /// Samples a second as the device was set.
    public let rate: Double
    /// The columns.
    public let count: Int
    /// The sampling periods in a column.
    public let periods: Int
    /// The level of the pyramid that the columns are made of; nil where it takes single samples.
    let level: Int?
    /// The buckets of that level, or the sampling periods, counted from 1970.
    let buckets: Range<Int64>
    /// The buckets in a column.
    private let bucketsInColumn: Int64

    /// The sampling periods in a column below which it takes single samples.
    public static let finest = PyramidPage.levels[0]
    /// The most columns.
    public static let largestCount = 8192

    /// Columns over `span`, in seconds since the Unix epoch: at most `columns`, each at least a sampling period wide.
    ///
    /// - Precondition: the span is not empty and of this age, the rate is one of ``PyramidWriter/rates``, and the columns
    ///   are 1 to ``largestCount``.
    public init(_ span: Range<Double>, rate: Double, columns: Int) {
        precondition(
            span.lowerBound.magnitude < 1e11 && span.upperBound.magnitude < 1e11 && span.lowerBound < span.upperBound,
            "no span: \(span)")
        precondition(PyramidWriter.rates.contains(rate), "a rate of \(rate)")
        precondition((1...Self.largestCount).contains(columns), "\(columns) columns")
        let wanted = (span.upperBound - span.lowerBound) * rate / Double(columns)
        let level = PyramidPage.levels.lastIndex { Double($0) <= wanted }
        let scale = rate / Double(level.map { PyramidPage.levels[$0] } ?? 1)
        let first = Int64((span.lowerBound * scale).rounded(.down))
        let end = max(first + 1, Int64((span.upperBound * scale).rounded(.up)))
        self.init(
            rate: rate, level: level, buckets: first..<end,
            bucketsInColumn: (end - first + Int64(columns) - 1) / Int64(columns))
    }

    /// Columns of so many buckets of a level each.
    init(rate: Double, level: Int?, buckets: Range<Int64>, bucketsInColumn width: Int64) {
        self.rate = rate
        self.level = level
        bucketsInColumn = width
        count = Int((Int64(buckets.count) + width - 1) / width)
        // The last column is a whole one, too: half of its samples would be another envelope.
        self.buckets = buckets.lowerBound..<buckets.lowerBound + Int64(count) * width
        periods = (level.map { PyramidPage.levels[$0] } ?? 1) * Int(width)
    }

    /// Where the first column begins, in seconds since the Unix epoch.
    public var start: Double { Double(buckets.lowerBound) * Double(level.map { PyramidPage.levels[$0] } ?? 1) / rate }
    /// The seconds of a column.
    public var step: Double { Double(periods) / rate }

    /// The column of a bucket.
    func column(of bucket: Int64) -> Int { Int((bucket - buckets.lowerBound) / bucketsInColumn) }
}

/// The least and the largest value of each axis in each column; a column without samples is absent, never still.
public struct TraceEnvelope: Hashable, Sendable {
    /// The columns.
    public let grid: TraceGrid
    /// One step of the values, in g.
    public let step: Double
    /// Six for each column: the least x, y, z, then the largest. Where the largest is `Int16.min`, there is no sample.
    public private(set) var values: [Int16]

    /// An envelope without samples.
    public init(_ grid: TraceGrid, step: Double) {
        self.grid = grid
        self.step = step
        values = []
        values.reserveCapacity(grid.count * PyramidPage.valuesInBucket)
        for _ in 0..<grid.count { values += PyramidPage.absent }
    }

    /// Whether a column has samples.
    public func hasSamples(_ column: Int) -> Bool {
        (0..<3).contains { values[column * PyramidPage.valuesInBucket + 3 + $0] != .min }
    }

    /// Adds samples, which are too many to be drawn one by one.
    public mutating func add(_ run: SampleRun) {
        precondition(grid.level == nil, "samples for columns of \(grid.periods) periods")
        for position in 0..<run.count {
            let bucket = Int64((run.time(position) * grid.rate).rounded(.down))
            guard grid.buckets.contains(bucket) else { continue }
            take(bucket, scaledBy: run.step) { run.values[position * 3 + $0 % 3] }
        }
    }

    /// Takes six values of a bucket, in steps of another scale perhaps.
    mutating func take(_ bucket: Int64, scaledBy other: Double, _ value: (Int) -> Int16) {
        let column = grid.column(of: bucket) * PyramidPage.valuesInBucket
        for axis in 0..<3 {
            var (least, largest) = (value(axis), value(axis + 3))
            if largest == .min { continue }
            if other != step {
                least = TraceScale.steps(Float(Double(least) * other), step)
                largest = TraceScale.steps(Float(Double(largest) * other), step)
            }
            values[column + axis] = min(values[column + axis], least)
            values[column + axis + 3] = max(values[column + axis + 3], largest)
        }
    }
}
