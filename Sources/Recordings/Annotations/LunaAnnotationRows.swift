// SPDX-License-Identifier: GPL-3.0-or-later

/// The rows of a Luna annotation file: 3, 4 or 6 columns, class first.
///
/// Times are seconds from the start, `0+hh:mm:ss`, epochs (`e:2`), or times of day, which need to know the start; a stop may be `+` a
/// duration, `...` for the start of the next row, or `.`. A mark `Recording_start` with `clock=2026-01-25T23:00:00` in its last column,
/// as nattro writes it, tells the start. Source: zzz.bwh.harvard.edu/luna/ref/annotations.
struct LunaAnnotationRows {
    /// When the recording begins, in seconds since the Unix epoch; nil where the file does not tell.
    private(set) var start: Double?
    /// The marks: seconds since the Unix epoch, or from the start where that is not known.
    private(set) var annotations: [RecordingAnnotation] = []

    private static let epoch = 30.0
    private static let startClass = "Recording_start"
    private static let startKey = "clock="

    /// A row before its times are known.
    private struct Row {
        var text: String
        var channel: String?
        var start: Double
        var stop: Stop
    }

    private enum Stop {
        case at(Double)
        case after(Double)
        case nextRow
    }

    /// Whether a text begins with a header or a row of such a file.
    static func mayBegin(with text: ArraySlice<UInt8>) -> Bool {
        guard !text.contains(0) else { return false }
        for line in text.split(separator: 0x0A).prefix(32) {
            let line = String(decoding: line, as: UTF8.self).trimmed
            if line.isEmpty || line.hasPrefix("#") { continue }
            let fields = fields(of: line)
            return isHeading(fields) || ([3, 4, 6].contains(fields.count) && times(in: fields) != nil)
        }
        return false
    }

    init(_ source: ByteSource, _ report: inout ReadingReport) throws(RecordingError) {
        let text = String(decoding: try source.wholeText(), as: UTF8.self)
        var rows: [Row] = []
        var clock: Double?
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let line = line.trimmed
            if line.isEmpty || line.hasPrefix("#") { continue }
            let fields = Self.fields(of: line)
            if Self.isHeading(fields) { continue }
            if fields[0] == Self.startClass, let meta = fields.last, meta.hasPrefix(Self.startKey) {
                clock = TimeStamp.seconds(meta.dropFirst(Self.startKey.count))
                continue
            }
            guard let row = Self.row(fields) else {
                report.note("rows that cannot be read", at: "line \(index + 1)")
                continue
            }
            rows.append(row)
        }
        start = clock
        let origin = clock ?? 0
        for (index, row) in rows.enumerated() {
            let stop: Double? =
                switch row.stop {
                case .at(let time): time
                case .after(let duration): row.start + duration
                case .nextRow: index + 1 < rows.count ? rows[index + 1].start : nil
                }
            let duration = stop.map { $0 - row.start }
            if let duration, duration < 0 {
                report.note("marks that end before they begin", at: "the mark \"\(row.text)\"")
                continue
            }
            annotations.append(
                RecordingAnnotation(
                    time: origin + row.start, duration: duration, text: row.text, channel: row.channel))
        }
    }

    private static func fields(of line: String) -> [String] {
        line.contains("\t")
            ? line.split(separator: "\t", omittingEmptySubsequences: false).map(\.trimmed)
            : line.split(whereSeparator: \.isWhitespace).map(String.init)
    }

    private static func isHeading(_ fields: [String]) -> Bool {
        fields.first == "class" && fields.contains("start")
    }

    private static func row(_ fields: [String]) -> Row? {
        guard [3, 4, 6].contains(fields.count), !fields[0].isEmpty, let times = times(in: fields) else { return nil }
        let instance = fields.count > 3 ? fields[1] : "."
        let channel = fields.count == 6 ? fields[2] : "."
        let name = fields[0].replacing("_", with: " ")
        return Row(
            text: instance == "." || instance.isEmpty ? name : "\(name):\(instance)",
            channel: channel == "." || channel.isEmpty ? nil : channel, start: times.start, stop: times.stop)
    }

    private static func times(in fields: [String]) -> (start: Double, stop: Stop)? {
        let last = fields.count == 6 ? 4 : fields.count - 1
        let (first, second) = (fields[last - 1], fields[last])
        if first.hasPrefix("e:") {
            guard let from = epochSpan(first) else { return nil }
            guard second.hasPrefix("e:") else { return (from.lowerBound, .at(from.upperBound)) }
            guard let to = epochSpan(second) else { return nil }
            return (from.lowerBound, .at(to.upperBound))
        }
        guard let start = seconds(first) else { return nil }
        if second == "..." { return (start, .nextRow) }
        if second == "." { return (start, .at(start)) }
        if second.hasPrefix("+") { return seconds(String(second.dropFirst())).map { (start, .after($0)) } }
        return seconds(second).map { (start, .at($0)) }
    }

    /// `12.5`, `0+00:00:12.5`.
    private static func seconds(_ text: String) -> Double? {
        if text.hasPrefix("0+") {
            let parts = text.dropFirst(2).split(separator: ":").map { Double($0) }
            guard parts.count == 3, let hours = parts[0], let minutes = parts[1], let seconds = parts[2] else {
                return nil
            }
            return hours * 3600 + minutes * 60 + seconds
        }
        return Double(text).flatMap { $0.isFinite ? $0 : nil }
    }

    /// `e:2`, `e:2:20`, `e:2:30:15`: the number from 1, the seconds of an epoch, those from epoch to epoch.
    private static func epochSpan(_ text: String) -> Range<Double>? {
        let numbers = text.dropFirst(2).split(separator: ":").map { Double($0) }
        guard (1...3).contains(numbers.count), let number = numbers[0], number >= 1, number < 1e7 else { return nil }
        let length = numbers.count > 1 ? numbers[1] ?? epoch : epoch
        let step = numbers.count > 2 ? numbers[2] ?? length : length
        guard length > 0, step > 0, length.isFinite, step.isFinite else { return nil }
        let start = (number - 1) * step
        return start..<start + length
    }
}
