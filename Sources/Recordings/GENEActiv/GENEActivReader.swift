// SPDX-License-Identifier: GPL-3.0-or-later

/// Reads GENEActiv's `.bin` files page by page, cut ones too.
///
/// A page is ten lines of text, the last of them up to 300 samples of twelve hexadecimal digits: x, y and z of 12 bits, light of 10,
/// the button. Acceleration is `(raw · 100 − offset) / gain` g with the calibration in the header. Each page is placed by its own
/// time; the number of pages in the header is never trusted, only compared. Layout: checked on files of models 1.1 and 1.2.
public struct GENEActivReader: RecordingReader {
    /// What the file says of itself.
    public let header: RecordingHeader
    /// The pages that were left out.
    public private(set) var report = ReadingReport()
    /// How much of the file was read.
    public var fractionRead: Double? { lines.fractionRead }

    private var lines: GENEActivLines
    private let declaredPages: Int?
    /// g for each of the 4096 integers that 12 bits hold: x, then y, then z.
    private let accelerations: [Float]
    private var page = Page()
    private var previous: Previous?
    private var nextIndex: Int64 = 0
    private var pages = 0
    private var damaged = false
    private var isAtEnd = false

    private struct Page {
        var sequence: Int?
        var time: Double?
        var rate: Double
        var temperature: Float?

        init(rate: Double = 0) { self.rate = rate }
    }

    private struct Previous {
        var sequence: Int?
        /// When the sample after the page's last one is due.
        var end: Double
        var rate: Double
    }

    private static let digitsInSample = 12
    private static let samplesInPage = 300
    private static let digitsInPage = digitsInSample * samplesInPage
    /// A header has 59 lines.
    private static let mostHeaderLines = 500
    /// A page time this far, in seconds, from where the page before ends begins a new stretch.
    private static let largestClockError = 1.0

    /// Opens a file and reads its header.
    public init(_ source: ByteSource) throws(RecordingError) {
        var lines = GENEActivLines(source)
        var texts: [String] = []
        var foundPage = false
        while texts.count < Self.mostHeaderLines, let range = try lines.next() {
            let text = String(decoding: lines.buffer[range], as: UTF8.self)
            if text == GENEActivHeader.pageTitle {
                foundPage = true
                break
            }
            texts.append(text)
        }
        guard foundPage else {
            throw RecordingError(
                .noSamples, path: source.path, problem: "holds a GENEActiv header but no page of samples",
                remedy: "check that the recording or the copy was finished")
        }
        guard let fields = GENEActivHeader(lines: texts) else {
            throw RecordingError(
                .damaged, path: source.path, place: "lines 48 to 53",
                problem: "lacks the calibration (x gain, x offset and so on), without which its integers are no g",
                remedy: "extract the recording from the sensor once more")
        }
        guard fields.rate > 0 else {
            throw RecordingError(
                .damaged, path: source.path, place: "line 20", problem: "has no usable Measurement Frequency",
                remedy: "extract the recording from the sensor once more")
        }
        self.lines = lines
        header = fields.recordingHeader(rate: fields.rate)
        declaredPages = fields.declaredPages
        accelerations = fields.calibration.flatMap { axis in
            (0..<4096).map { axis.acceleration($0 < 2048 ? $0 : $0 - 4096) }
        }
        page = Page(rate: fields.rate)
    }

    /// Fills `block` with the samples of the next page.
    public mutating func read(into block: inout SampleBlock) throws(RecordingError) -> Bool {
        var expected = 0
        while let range = try lines.next(expecting: expected) {
            expected = 0
            guard let colon = lines.buffer[range].prefix(40).firstIndex(of: UInt8(ascii: ":")) else {
                if range.count == GENEActivHeader.pageTitle.utf8.count,
                    lines.buffer[range].elementsEqual(GENEActivHeader.pageTitle.utf8)
                {
                    page = Page(rate: header.streams[0].nominalRate)
                } else if !range.isEmpty, fill(&block, range) {
                    return true
                }
                continue
            }
            if takeField(range.lowerBound..<colon, colon + 1..<range.upperBound) { expected = Self.digitsInPage }
        }
        if !isAtEnd, let declaredPages, declaredPages > pages {
            report.note(
                "pages that the header counts and the file lacks", count: declaredPages - pages,
                at: "byte \(lines.lineOffset)")
        }
        isAtEnd = true
        return false
    }

    /// Takes a field of a page; true if it is the last one before the samples.
    private mutating func takeField(_ key: Range<Int>, _ value: Range<Int>) -> Bool {
        let text = String(decoding: lines.buffer[value], as: UTF8.self)
        switch String(decoding: lines.buffer[key], as: UTF8.self) {
        case "Sequence Number": page.sequence = GENEActivHeader.count(text)
        case "Page Time": page.time = TimeStamp.seconds(text[...])
        case "Temperature": page.temperature = GENEActivHeader.number(text).map { Float($0) }
        case "Measurement Frequency":
            if let rate = GENEActivHeader.number(text), rate > 0 { page.rate = rate }
            return true
        default: break
        }
        return false
    }

    /// Decodes a page's digits; false if they are damaged.
    private mutating func fill(_ block: inout SampleBlock, _ range: Range<Int>) -> Bool {
        defer { page = Page(rate: header.streams[0].nominalRate) }
        pages += 1
        let count = min(range.count / Self.digitsInSample, Self.samplesInPage)
        let isWhole = range.count == count * Self.digitsInSample
        if !isWhole || count < Self.samplesInPage {
            if lines.isCut {
                report.note(
                    "pages cut at their end, read as far as they go", at: "byte \(lines.lineOffset)")
            } else if !isWhole {
                return leaveOut("pages with a wrong number of digits")
            }
        }
        guard count > 0 else { return leaveOut("pages without a whole sample") }
        guard let time = page.time ?? previous?.end else { return leaveOut("pages without a time") }
        guard decode(range.lowerBound, count, into: &block.values) else {
            return leaveOut("pages with characters that are no hexadecimal digits")
        }
        if page.time == nil {
            report.note("pages without a time, placed after the one before", at: "byte \(lines.lineOffset)")
        }
        block.stream = 0
        block.firstIndex = nextIndex
        block.channelCount = 3
        block.anchor = ClockAnchor(index: Double(nextIndex), time: time)
        block.nominalPeriod = 1 / page.rate
        block.times.removeAll(keepingCapacity: true)
        block.temperature = page.temperature
        block.gapBefore = gap(before: time)
        previous = Previous(sequence: page.sequence, end: time + Double(count) / page.rate, rate: page.rate)
        damaged = false
        nextIndex += Int64(count)
        return true
    }

    private mutating func leaveOut(_ what: String) -> Bool {
        report.note(what, at: "byte \(lines.lineOffset)")
        damaged = true
        return false
    }

    private mutating func gap(before time: Double) -> Gap? {
        guard let previous else { return damaged ? Gap(.damaged) : nil }
        guard page.rate == previous.rate else { return Gap(.restart) }
        if let sequence = page.sequence, let last = previous.sequence {
            if sequence <= last { return Gap(damaged ? .damaged : .restart) }
            let lost = sequence - last - 1
            if lost > 0, !damaged {
                report.note("pages missing by their numbers", count: lost, at: "byte \(lines.lineOffset)")
            }
            if lost > 0 {
                return Gap(damaged ? .damaged : .lost, samples: Int64(lost * Self.samplesInPage))
            }
        }
        if damaged { return Gap(.damaged) }
        return abs(time - previous.end) > Self.largestClockError ? Gap(.clockJump) : nil
    }

    /// Writes the samples of a page; false if a digit is none.
    private func decode(_ start: Int, _ count: Int, into values: inout [Float]) -> Bool {
        let needed = count * 3
        if values.count != needed { values = [Float](repeating: 0, count: needed) }
        var samples = values.mutableSpan
        let digits = lines.buffer.span.extracting(start..<start + count * Self.digitsInSample)
        let table = Self.nibbles.span
        let scale = accelerations.span
        var wrong: UInt16 = 0
        for sample in 0..<count {
            let at = sample * Self.digitsInSample
            for axis in 0..<3 {
                let first = at + axis * 3
                let high = table[Int(digits[first])]
                let middle = table[Int(digits[first + 1])]
                let low = table[Int(digits[first + 2])]
                wrong |= high | middle | low
                samples[sample * 3 + axis] = scale[axis << 12 | Int((high << 8 | middle << 4 | low) & 0xFFF)]
            }
            // Light and button are not handed out, but a wrong digit in them is damage all the same.
            wrong |= table[Int(digits[at + 9])] | table[Int(digits[at + 10])] | table[Int(digits[at + 11])]
        }
        return wrong & Self.noDigit == 0
    }

    /// What marks a byte that is no hexadecimal digit; above all bits of a sample.
    private static let noDigit: UInt16 = 0x8000

    /// The value of each byte as a hexadecimal digit.
    private static let nibbles: [UInt16] = (0..<256).map { byte in
        switch UInt8(byte) {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(byte - 0x30)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(byte - 0x41 + 10)
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(byte - 0x61 + 10)
        default: noDigit
        }
    }
}
