// SPDX-License-Identifier: GPL-3.0-or-later

/// Writes samples as rows of text: `time` (seconds since the Unix epoch on the recording's clock, 6 decimals), then the channels.
///
/// Values are the shortest decimals that give the same `Float` back.
public struct CSVWriter: ~Copyable {
    /// The rows written.
    public private(set) var rowCount = 0
    private var output: OutputFile
    private let holdsGaps: Bool
    private var lastTime: Double?
    private var lastValues: [Float] = []
    private var row: [UInt8] = []

    /// The most rows that ``holdsGaps`` puts into one gap: a day at 100 Hz.
    private static let mostHeldRows = 8_640_000

    /// Begins a file and writes its row of names.
    ///
    /// - Parameter holdsGaps: fill gaps with the last value, as some vendors' exports do, instead of leaving them out.
    public init(path: String, channels: [String], holdsGaps: Bool = false) throws(RecordingError) {
        var file = try OutputFile(path: path)
        try file.write("time,\(channels.map(Self.quoted).joined(separator: ","))\n".utf8)
        output = file
        self.holdsGaps = holdsGaps
    }

    /// Appends the samples of a block, each at the time that the format's own rule gives it.
    ///
    /// - Parameter channels: where in a sample the columns are; nil for all, in their order.
    public mutating func append(_ block: borrowing SampleBlock, channels: [Int]? = nil) throws(RecordingError) {
        guard block.count > 0 else { return }
        if holdsGaps, block.gapBefore != nil, let lastTime, block.nominalPeriod > 0 {
            let missing = (block.time(at: 0) - lastTime) / block.nominalPeriod
            if missing.isFinite, missing < Double(Self.mostHeldRows) {
                for step in 1..<max(1, Int(missing.rounded())) {
                    try write(time: lastTime + Double(step) * block.nominalPeriod, lastValues[...])
                }
            }
        }
        let columns = channels ?? Array(0..<block.channelCount)
        for position in 0..<block.count {
            let start = position * block.channelCount
            lastValues.removeAll(keepingCapacity: true)
            for column in columns { lastValues.append(block.values[start + column]) }
            try write(time: block.time(at: position), lastValues[...])
        }
        lastTime = block.time(at: block.count - 1)
    }

    /// Ends the file; it has its name only now.
    public consuming func finish() throws(RecordingError) {
        try output.finish()
    }

    private mutating func write(time: Double, _ values: ArraySlice<Float>) throws(RecordingError) {
        row.removeAll(keepingCapacity: true)
        row.append(contentsOf: Self.sixDecimals(time).utf8)
        for value in values {
            row.append(UInt8(ascii: ","))
            row.append(contentsOf: value.description.utf8)
        }
        row.append(UInt8(ascii: "\n"))
        try output.write(row)
        rowCount += 1
    }

    /// A name that holds a comma, a quote or a line end in quotes, as RFC 4180 has it.
    private static func quoted(_ name: String) -> String {
        guard name.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return name }
        return "\"" + name.replacing("\"", with: "\"\"") + "\""
    }

    private static func sixDecimals(_ time: Double) -> String {
        let micros = Int64((time * 1e6).rounded())
        let (seconds, rest) = micros.magnitude.quotientAndRemainder(dividingBy: 1_000_000)
        let digits = String(rest)
        return "\(micros < 0 ? "-" : "")\(seconds)." + String(repeating: "0", count: 6 - digits.count) + digits
    }
}
