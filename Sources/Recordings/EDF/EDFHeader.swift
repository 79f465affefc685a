// SPDX-License-Identifier: GPL-3.0-or-later

/// The header of an EDF, EDF+, BDF or BDF+ file.
///
/// Sources: Kemp et al. 1992 (EDF), Kemp and Olivan 2003 (EDF+), BioSemi's description of BDF.
struct EDFHeader {
    /// The bytes before the signals' own fields.
    static let fixedSize = 256
    /// The bytes of the fields of one signal.
    static let sizePerSignal = 256
    /// A record with more bytes than this is refused, since a record is read whole: 32 MiB.
    private static let largestRecord = 32 << 20

    /// 24-bit samples.
    var isBDF: Bool
    /// The reserved field says EDF+ or BDF+.
    var isPlus: Bool
    /// The records may leave holes between them (EDF+D, BDF+D).
    var isDiscontinuous: Bool
    /// The start by the header, in whole seconds since the Unix epoch of the recording's clock.
    var start: Double
    /// The recording field: device, place, who recorded. The patient field is never taken.
    var recording: String
    /// Nil while the file is being written (-1), or where the field is no number.
    var recordCount: Int?
    var recordDuration: Double
    var signals: [EDFSignal]

    var bytesInSample: Int { isBDF ? 3 : 2 }
    var recordSize: Int { signals.reduce(0) { $0 + $1.samplesPerRecord } * bytesInSample }

    /// Whether a file that begins with these bytes is an EDF or a BDF file.
    static func begins(_ bytes: [UInt8]) -> Bool {
        bytes.starts(with: "0       ".utf8) || bytes.starts(with: [0xFF] + "BIOSEMI".utf8)
    }

    /// Reads the header, and notes what is odd in it.
    init(_ source: ByteSource, _ report: inout ReadingReport) throws(RecordingError) {
        let path = source.path
        func damaged(_ place: Int, _ problem: String) -> RecordingError {
            RecordingError(
                .damaged, path: path, place: "byte \(place)", problem: problem,
                remedy: "export or copy the file once more"
            )
        }
        var fixed = [UInt8](repeating: 0, count: Self.fixedSize)
        let count = try source.read(into: &fixed)
        guard count == Self.fixedSize, Self.begins(fixed) else {
            throw damaged(count, "the EDF header is cut after \(count) of \(Self.fixedSize) bytes")
        }
        isBDF = fixed[0] == 0xFF
        let reserved = Self.text(fixed[192..<236])
        isPlus = ["EDF+", "BDF+"].contains(reserved.prefix(4))
        isDiscontinuous = isPlus && reserved.dropFirst(4).first == "D"
        recording = Self.text(fixed[88..<168])
        let countField = Self.text(fixed[236..<244])
        recordCount = Int(countField).flatMap { $0 >= 0 ? $0 : nil }
        if recordCount == nil, countField != "-1" {
            report.note("record counts that are no number", at: "byte 236")
        }
        let durationField = Self.text(fixed[244..<252])
        guard let duration = Self.number(durationField), duration >= 0 else {
            throw damaged(244, "the duration of a record, \"\(durationField)\", is no number of seconds")
        }
        recordDuration = duration
        let signalField = Self.text(fixed[252..<256])
        guard let signalCount = Int(signalField), signalCount > 0 else {
            throw damaged(252, "the number of signals, \"\(signalField)\", is no number from 1")
        }

        var fields = [UInt8](repeating: 0, count: signalCount * Self.sizePerSignal)
        let got = try source.read(into: &fields)
        guard got == fields.count else {
            throw damaged(
                Self.fixedSize + got,
                "the EDF header is cut after \(Self.fixedSize + got) of \(Self.fixedSize + fields.count) bytes")
        }
        let size = Self.text(fixed[184..<192])
        if Int(size) != Self.fixedSize + fields.count {
            report.note("header sizes that do not fit the number of signals", at: "byte 184")
        }
        signals = []
        for index in 0..<signalCount {
            signals.append(try Self.signal(index, of: signalCount, fields, isBDF, path, &report))
        }
        start = Self.start(recording: recording, fixed, &report)
        guard recordSize <= Self.largestRecord else {
            throw RecordingError(
                .unsupported, path: path, place: "byte 256",
                problem: "has records of \(recordSize) bytes, and at most \(Self.largestRecord) can be read",
                remedy: "export it with shorter records; 1 s is usual")
        }
        let hasSamples = signals.contains { !$0.isAnnotations && $0.samplesPerRecord > 0 }
        guard recordDuration > 0 || !hasSamples else {
            throw damaged(244, "its records last 0 s and hold samples, which so have no rate")
        }
    }

    private static func signal(
        _ index: Int, of count: Int, _ fields: [UInt8], _ isBDF: Bool, _ path: String, _ report: inout ReadingReport
    ) throws(RecordingError) -> EDFSignal {
        // Each field stands for all signals before the next field begins.
        var position = 0
        func field(_ width: Int) -> String {
            defer { position += width * count }
            let start = position + index * width
            return text(fields[start..<start + width])
        }
        let (label, transducer, unit) = (field(16), field(80), field(8))
        let limits = (0..<4).map { _ in field(8) }
        let prefilter = field(80)
        let samplesPlace = fixedSize + position + index * 8
        let samples = field(8)
        guard let samplesPerRecord = Int(samples), samplesPerRecord >= 0 else {
            throw RecordingError(
                .damaged, path: path, place: "byte \(samplesPlace)",
                problem: "the samples in a record of signal \(index + 1) (\(label)), \"\(samples)\", are no number",
                remedy: "export the file once more")
        }
        let numbers = limits.map(number)
        let integers = limits[2...].map { number($0).flatMap { Int(exactly: $0.rounded()) } }
        var signal = EDFSignal(
            label: label, transducer: transducer, unit: unit, prefilter: prefilter,
            physicalMinimum: numbers[0] ?? 0, physicalMaximum: numbers[1] ?? 0, digitalMinimum: integers[0] ?? 0,
            digitalMaximum: integers[1] ?? 0, samplesPerRecord: samplesPerRecord)
        if numbers[0] == nil || numbers[1] == nil { signal.digitalMaximum = signal.digitalMinimum }
        if !signal.isAnnotations, !signal.hasScale {
            report.note(
                "signals without a scale, whose values are the stored integers", at: "signal \(index + 1) (\(label))")
        }
        return signal
    }

    /// The start: the EDF+ "Startdate" with its four digits for the year, or else the two-digit date of 1985 to 2084.
    private static func start(recording: String, _ fixed: [UInt8], _ report: inout ReadingReport) -> Double {
        let time = integers(fixed[176..<184])
        var seconds = 0
        if time.count == 3, time[0] < 24, time[1] < 60, time[2] < 60 {
            seconds = (time[0] * 60 + time[1]) * 60 + time[2]
        } else {
            report.note("start times that do not exist, taken as midnight", at: "byte 176")
        }
        let date = integers(fixed[168..<176])
        let short =
            date.count == 3
            ? CivilDate.daysSinceEpoch(
                year: date[2] >= 85 ? 1900 + date[2] : 2000 + date[2], month: date[1], day: date[0]) : nil
        guard let days = plusDate(recording) ?? short else {
            report.note("start dates that do not exist, taken as 1985-01-01", at: "byte 168")
            return Double((CivilDate.daysSinceEpoch(year: 1985, month: 1, day: 1) ?? 0) * 86400 + seconds)
        }
        return Double(days * 86400 + seconds)
    }

    /// The day of `Startdate dd-MMM-yyyy …`.
    private static func plusDate(_ recording: String) -> Int? {
        let words = recording.split(separator: " ")
        guard words.count >= 2, words[0] == "Startdate" else { return nil }
        let parts = words[1].split(separator: "-")
        let months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
        guard parts.count == 3, let day = Int(parts[0]), let year = Int(parts[2]),
            let month = months.firstIndex(of: parts[1].uppercased())
        else { return nil }
        return CivilDate.daysSinceEpoch(year: year, month: month + 1, day: day)
    }

    /// The numbers between dots, or whatever else a writer put between them.
    private static func integers(_ bytes: ArraySlice<UInt8>) -> [Int] {
        bytes.split { !(0x30...0x39).contains($0) }.compactMap { Int(String(decoding: $0, as: UTF8.self)) }
    }

    /// The text of a field without its padding. The standard wants ASCII; UTF-8 is met, and anything else becomes U+FFFD.
    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        var bytes = bytes.prefix { $0 != 0 }
        while bytes.last == 0x20 { bytes.removeLast() }
        while bytes.first == 0x20 { bytes.removeFirst() }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A number, with a decimal point or, as some writers put it, a comma.
    private static func number(_ text: String) -> Double? {
        let dotted = String(text.map { $0 == "," ? "." : $0 })
        return Double(dotted).flatMap { $0.isFinite ? $0 : nil }
    }
}
