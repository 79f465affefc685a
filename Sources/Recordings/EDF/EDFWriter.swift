// SPDX-License-Identifier: GPL-3.0-or-later

/// Writes an EDF+C file: records of one second, one after the other, with annotations among them.
///
/// Never EDF+D, which most readers refuse or flatten: missing samples are ``missing``, which no measured value is. The start is a
/// whole second and the first record begins at it, since readers disagree about fractions of seconds. Source: Kemp and Olivan, "European
/// data format 'plus'" (2003).
public struct EDFWriter: ~Copyable {
    /// The digital value of a sample that is missing; measured ones are at least one above.
    public static let missing = Int16.min

    /// A signal as the header describes it.
    public struct Signal: Sendable {
        /// What it is called, up to 16 ASCII characters.
        public var label: String
        /// The sensor, up to 80 ASCII characters.
        public var transducer: String
        /// The unit of its values, up to 8 ASCII characters.
        public var unit: String
        /// The values at the digital limits, as decimals of up to 8 characters.
        public var physicalLimits: (lower: String, upper: String)
        /// The digital limits.
        public var digitalLimits: ClosedRange<Int16>
        /// Samples a second.
        public var rate: Int

        /// A signal whose digital values are all those that 16 bits allow.
        public init(
            label: String, transducer: String = "", unit: String, physicalLimits: (lower: String, upper: String),
            digitalLimits: ClosedRange<Int16> = .min ... .max, rate: Int
        ) {
            self.label = label
            self.transducer = transducer
            self.unit = unit
            self.physicalLimits = physicalLimits
            self.digitalLimits = digitalLimits
            self.rate = rate
        }

        /// A signal of integers 0 and 1.
        public static func flag(_ label: String, rate: Int) -> Signal {
            Signal(label: label, unit: "", physicalLimits: ("0", "1"), digitalLimits: 0...1, rate: rate)
        }
    }

    private let signals: [Signal]
    private let annotations: EDFAnnotationPlan
    private let recordCount: Int
    private var written = 0
    private var output: OutputFile
    private var record: [UInt8] = []

    /// Begins a file.
    ///
    /// - Parameters:
    ///   - start: whole seconds since the Unix epoch of the recording's own clock; from 1985 to 2084.
    ///   - equipment: what recorded it; no name of a person belongs into this file.
    ///   - recordCount: how many seconds there will be.
    ///   - annotations: all annotations of the file, in any order; a text with control characters is written without them.
    public init(
        path: String, start: Int, equipment: String, signals: [Signal], recordCount: Int,
        annotations: [RecordingAnnotation]
    ) throws(RecordingError) {
        precondition(recordCount > 0, "a file of \(recordCount) records")
        let days = Int((Double(start) / 86_400).rounded(.down))
        let date = CivilDate.date(daysSinceEpoch: days)
        guard (1985...2084).contains(date.year) else {
            throw RecordingError(
                .unsupported, path: path,
                problem: "an EDF file cannot begin in the year \(date.year), only 1985 to 2084",
                remedy: "check the recording's clock")
        }
        let plan = EDFAnnotationPlan(annotations, start: Double(start), recordCount: recordCount)
        let second = start - days * 86_400
        let header = Self.header(
            signals, plan, recordCount: recordCount, date: date,
            time: (second / 3600, second / 60 % 60, second % 60), equipment: equipment)
        var file = try OutputFile(path: path)
        try file.write(header.utf8)
        output = file
        self.signals = signals
        self.recordCount = recordCount
        self.annotations = plan
    }

    /// Appends a second: for each signal its samples, as digital values.
    public mutating func append(_ samples: [[Int16]]) throws(RecordingError) {
        precondition(samples.count == signals.count, "\(samples.count) signals of \(signals.count)")
        precondition(written < recordCount, "more than the \(recordCount) records promised")
        record.removeAll(keepingCapacity: true)
        for (signal, values) in zip(signals, samples) {
            precondition(values.count == signal.rate, "\(values.count) samples of \(signal.label), not \(signal.rate)")
            for value in values {
                record.append(UInt8(truncatingIfNeeded: value))
                record.append(UInt8(truncatingIfNeeded: value >> 8))
            }
        }
        record += annotations.bytes(ofRecord: written)
        try output.write(record)
        written += 1
    }

    /// Ends the file; it has its name only now.
    ///
    /// - Precondition: all records were appended.
    public consuming func finish() throws(RecordingError) {
        precondition(written == recordCount, "\(written) records of \(recordCount)")
        try output.finish()
    }

    private static let months = [
        "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
    ]

    private static func header(
        _ signals: [Signal], _ annotations: EDFAnnotationPlan, recordCount: Int,
        date: (year: Int, month: Int, day: Int), time: (hour: Int, minute: Int, second: Int), equipment: String
    ) -> String {
        func pair(_ numbers: Int...) -> String {
            numbers.map { $0 < 10 ? "0\($0)" : String($0) }.joined(separator: ".")
        }
        let device = equipment.split(separator: " ").joined(separator: "_")
        let day = pair(date.day)
        let fields: [(String, Int)] = [
            ("0", 8),
            // Code, sex, birthday and name of the sleeper: unknown, as the standard writes it.
            ("X X X X", 80),
            ("Startdate \(day)-\(Self.months[date.month - 1])-\(date.year) X X \(device.isEmpty ? "X" : device)", 80),
            (pair(date.day, date.month, date.year % 100), 8),
            (pair(time.hour, time.minute, time.second), 8),
            (String(256 * (signals.count + 2)), 8),
            ("EDF+C", 44),
            (String(recordCount), 8),
            ("1", 8),
            (String(signals.count + 1), 4),
        ]
        let own: [[(String, Int)]] =
            signals.map { signal in
                [
                    (signal.label, 16), (signal.transducer, 80), (signal.unit, 8), (signal.physicalLimits.lower, 8),
                    (signal.physicalLimits.upper, 8), (String(signal.digitalLimits.lowerBound), 8),
                    (String(signal.digitalLimits.upperBound), 8), ("", 80), (String(signal.rate), 8), ("", 32),
                ]
            } + [
                [
                    ("EDF Annotations", 16), ("", 80), ("", 8), ("-1", 8), ("1", 8), ("-32768", 8), ("32767", 8),
                    ("", 80), (String(annotations.bytesInRecord / 2), 8), ("", 32),
                ]
            ]
        var text = fields.map { Self.padded($0.0, $0.1) }.joined()
        for field in own[0].indices { text += own.map { Self.padded($0[field].0, $0[field].1) }.joined() }
        return text
    }

    /// A field of the header: printable ASCII, cut or filled with blanks.
    private static func padded(_ text: String, _ width: Int) -> String {
        let plain = text.unicodeScalars.map { (0x20...0x7E).contains($0.value) ? Character($0) : "?" }.prefix(width)
        return String(plain) + String(repeating: " ", count: width - plain.count)
    }
}

/// Which annotation stands in which record, and how many bytes that takes.
///
/// An annotation stands in the record of its onset, or in the next one with room.
struct EDFAnnotationPlan {
    /// The bytes of the annotation signal in each record; even.
    let bytesInRecord: Int
    private let lists: [Int: [UInt8]]

    /// Room for the onset of the record itself: `+31536000`, two separators, a zero, and one to spare.
    private static let stampSize = 16
    private static let smallest = 64

    init(_ annotations: [RecordingAnnotation], start: Double, recordCount: Int) {
        let entries = annotations.map { annotation in
            let onset = max(0, annotation.time - start)
            return (
                record: min(recordCount - 1, Int(onset.rounded(.down))),
                bytes: Self.list(annotation, onset: onset)
            )
        }.sorted { $0.record < $1.record }
        let longest = entries.reduce(0) { max($0, $1.bytes.count) }
        let total = entries.reduce(0) { $0 + $1.bytes.count }
        var room = max(Self.smallest - Self.stampSize, longest)
        var placed = Self.place(entries, room: room, recordCount: recordCount)
        while placed == nil {
            // In a record alone all of them fit.
            room = min(room * 2, max(total, room + 1))
            placed = Self.place(entries, room: room, recordCount: recordCount)
        }
        lists = placed ?? [:]
        bytesInRecord = (Self.stampSize + room + 1) / 2 * 2
    }

    /// The annotation signal of a record: when the record begins, what is annotated, and zeros.
    func bytes(ofRecord record: Int) -> [UInt8] {
        var bytes = Array("+\(record)\u{14}\u{14}\0".utf8) + (lists[record] ?? [])
        bytes += repeatElement(0, count: bytesInRecord - bytes.count)
        return bytes
    }

    /// The lists of each record; nil if they do not fit.
    private static func place(
        _ entries: [(record: Int, bytes: [UInt8])], room: Int, recordCount: Int
    ) -> [Int: [UInt8]]? {
        var lists: [Int: [UInt8]] = [:]
        var record = 0
        for entry in entries {
            record = max(record, entry.record)
            while (lists[record]?.count ?? 0) + entry.bytes.count > room {
                record += 1
                if record == recordCount { return nil }
            }
            lists[record, default: []] += entry.bytes
        }
        return lists
    }

    /// `+onset[\u{15}duration]\u{14}text\u{14}\0`, to the millisecond.
    private static func list(_ annotation: RecordingAnnotation, onset: Double) -> [UInt8] {
        var text = "+\(seconds(onset))"
        if let duration = annotation.duration { text += "\u{15}\(seconds(max(0, duration)))" }
        let channel = annotation.channel.map { "@@\($0)" } ?? ""
        let words = (annotation.text + channel).unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }
        return Array("\(text)\u{14}\(String(String.UnicodeScalarView(words)))\u{14}\0".utf8)
    }

    private static func seconds(_ value: Double) -> String {
        let (whole, rest) = Int((value * 1000).rounded()).quotientAndRemainder(dividingBy: 1000)
        guard rest > 0 else { return String(whole) }
        return "\(whole)." + String(String(rest + 1000).dropFirst())
    }
}
