// SPDX-License-Identifier: GPL-3.0-or-later

/// Reads EDF, EDF+C, EDF+D, BDF and BDF+ files, finished or not, record by record.
///
/// Each accelerometer is a stream (x, y, z in g), and the other signals are one stream for each rate, in their own units. A
/// sample is at the header's start, plus the onset that its record's own annotation gives (so a hole between two records of
/// an EDF+D file is a gap, and a start may lie between two seconds), plus its place in the record. A record count of -1, or one
/// that the file does not agree with, is no obstacle: what is there is read.
public struct EDFReader: RecordingReader {
    /// What the file says of itself.
    public let header: RecordingHeader
    /// The signals as the file describes them, annotation signals among them.
    public let signals: [EDFSignal]
    /// The start that the header gives, in seconds since the Unix epoch of the recording's clock. Annotations count from it.
    public let start: Double
    /// What was left out or odd so far.
    public private(set) var report = ReadingReport()
    /// The annotations of the records read so far, as they stand in the file: seldom in the order of time.
    public private(set) var annotations: [RecordingAnnotation] = []
    /// How much of the file was read.
    public var fractionRead: Double? { records.fractionRead }

    let file: EDFHeader
    private let streams: [EDFStream]
    private let layouts: [SignalLayout]
    private var records: EDFRecords
    let annotationSignals: [Int]
    /// The stream to hand out next of the present record, and the sample in it.
    private var nextStream: Int
    private var nextSample = 0
    private var nextIndex: [Int64]
    /// Seconds since the Unix epoch of the present record.
    private(set) var recordTime = 0.0
    private var previousTime: Double?
    private(set) var gapBeforeRecord: Gap?
    /// The bytes of the present record.
    var recordBytes: ArraySlice<UInt8> { records.bytes(from: 0, count: file.recordSize) }
    /// Samples that the validity signal declares missing since the last block of each stream.
    private var invalid: [Int64]
    private var zeroRecords = false
    private var annotationBytes = 0

    /// Where a signal's samples are in a record, and how their values come from the integers.
    private struct SignalLayout {
        var start: Int
        var gain: Double
        var offset: Double
    }

    /// The annotations of a file are kept up to this many bytes of text and 64 for each: a night of staging has 100 kB.
    private static let mostAnnotationBytes = 16 << 20

    /// Opens a file and reads its header.
    public init(_ source: ByteSource) throws(RecordingError) {
        var report = ReadingReport()
        let file = try EDFHeader(source, &report)
        self.file = file
        self.report = report
        signals = file.signals
        start = file.start
        streams = EDFStream.streams(of: file)
        annotationSignals = file.signals.indices.filter { file.signals[$0].isAnnotations }
        var position = 0
        var layouts: [SignalLayout] = []
        for signal in file.signals {
            layouts.append(SignalLayout(start: position, gain: signal.gain, offset: signal.offset))
            position += signal.samplesPerRecord * file.bytesInSample
        }
        self.layouts = layouts
        let firstRecord = EDFHeader.fixedSize + file.signals.count * EDFHeader.sizePerSignal
        records = EDFRecords(source, size: file.recordSize, declared: file.recordCount, from: firstRecord)
        let available = source.size.map { $0 - firstRecord } ?? Int.max
        guard file.recordSize > 0, available >= file.recordSize else {
            throw RecordingError(
                .noSamples, path: source.path, problem: "holds an EDF header but no whole data record",
                remedy: "check that the recording or the export was finished")
        }
        nextStream = streams.count
        nextIndex = [Int64](repeating: 0, count: streams.count)
        invalid = nextIndex
        header = RecordingHeader(
            format: file.isBDF ? .bdf : .edf, device: file.device, streams: streams.map(\.info),
            metadata: ["recording": file.recording])
    }

    /// Fills `block` with one stream's samples of one record.
    public mutating func read(into block: inout SampleBlock) throws(RecordingError) -> Bool {
        while true {
            while nextStream < streams.count {
                if fill(&block) { return true }
                nextStream += 1
                nextSample = 0
            }
            guard try nextRecord() else { return false }
            nextStream = 0
            nextSample = 0
        }
    }

    /// Goes to the next record and finds its time; false at the end of the file.
    mutating func nextRecord() throws(RecordingError) -> Bool {
        while try records.next(&report) {
            let onset = readAnnotations()
            let isMarked = onset != nil || (annotationSignals.isEmpty && records.isDeclared)
            if !isMarked, records.isZero {
                report.note("records of nothing but zeros", at: "byte \(records.offset)")
                zeroRecords = true
                continue
            }
            if let onset {
                recordTime = start + onset
            } else if annotationSignals.isEmpty {
                recordTime = start + Double(records.number) * file.recordDuration
            } else {
                report.note(
                    "records without a time of their own, placed after the one before", at: "byte \(records.offset)")
                recordTime = previousTime.map { $0 + file.recordDuration } ?? start
            }
            findGap()
            previousTime = recordTime
            zeroRecords = false
            return true
        }
        return false
    }

    private mutating func findGap() {
        gapBeforeRecord = nil
        guard let previousTime, !streams.isEmpty else { return }
        let jump = recordTime - (previousTime + file.recordDuration)
        // Onsets are decimals: up to half the shortest period, and a millisecond, they are rounded.
        let period = streams.map { 1 / $0.info.nominalRate }.min() ?? 0
        guard abs(jump) > max(0.001, period / 2) else { return }
        gapBeforeRecord = Gap(zeroRecords ? .damaged : .timeHole)
        if jump < 0 {
            report.note("places where time runs backwards", at: "byte \(records.offset)")
        } else if !file.isDiscontinuous, !zeroRecords {
            report.note(
                "holes between the records of a file that says it has none", at: "byte \(records.offset)")
        }
    }

    /// Takes the annotations of the present record; gives the onset of the record where it has one.
    private mutating func readAnnotations() -> Double? {
        var onset: Double?
        for (position, signal) in annotationSignals.enumerated() {
            let size = file.signals[signal].samplesPerRecord * file.bytesInSample
            let list = EDFAnnotationList(
                records.bytes(from: layouts[signal].start, count: size), tellsTime: position == 0)
            if position == 0 { onset = list.recordOnset }
            if list.unreadable > 0 {
                report.note("annotations that cannot be read", count: list.unreadable, at: "byte \(records.offset)")
            }
            for entry in list.entries { keep(entry) }
        }
        return onset
    }

    private mutating func keep(_ entry: EDFAnnotationList.Entry) {
        annotationBytes += entry.text.utf8.count + 64
        guard annotationBytes <= Self.mostAnnotationBytes else {
            report.note("annotations beyond the first 16 MiB", at: "byte \(records.offset)")
            return
        }
        // EDF+ names the channel behind two at signs.
        var annotation = RecordingAnnotation(time: start + entry.onset, duration: entry.duration, text: entry.text)
        let parts = entry.text.split(separator: "@@", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2, !parts[1].isEmpty {
            annotation.text = String(parts[0])
            annotation.channel = String(parts[1])
        }
        annotations.append(annotation)
    }

    /// Hands out the present stream's samples, up to the next that is declared missing; false if there are no more.
    private mutating func fill(_ block: inout SampleBlock) -> Bool {
        let stream = streams[nextStream]
        let count = file.signals[stream.signals[0]].samplesPerRecord
        var end = count
        if let validity = stream.validity {
            let layout = layouts[validity]
            func isValid(_ sample: Int) -> Bool {
                let digital = records.sample(at: layout.start, sample, file.isBDF)
                return Double(digital) * layout.gain + layout.offset >= 0.5
            }
            let from = nextSample
            while nextSample < count, !isValid(nextSample) { nextSample += 1 }
            invalid[nextStream] += Int64(nextSample - from)
            end = nextSample
            while end < count, isValid(end) { end += 1 }
        }
        guard nextSample < end else { return false }
        let period = file.recordDuration / Double(count)
        block.stream = nextStream
        block.firstIndex = nextIndex[nextStream]
        block.channelCount = stream.signals.count
        block.anchor = ClockAnchor(
            index: Double(block.firstIndex), time: recordTime + Double(nextSample) * period)
        block.nominalPeriod = period
        block.times.removeAll(keepingCapacity: true)
        block.temperature = nil
        let missing = invalid[nextStream]
        block.gapBefore = nextSample == 0 || missing > 0 ? gapBeforeRecord : nil
        if missing > 0 { block.gapBefore = Gap(.lost, samples: gapBeforeRecord == nil ? missing : nil) }
        decode(stream, from: nextSample, to: end, into: &block.values)
        nextIndex[nextStream] += Int64(end - nextSample)
        invalid[nextStream] = 0
        nextSample = end
        return true
    }

    private func decode(_ stream: EDFStream, from first: Int, to end: Int, into values: inout [Float]) {
        let channels = stream.signals.count
        let needed = (end - first) * channels
        if values.count != needed { values = [Float](repeating: 0, count: needed) }
        var samples = values.mutableSpan
        for channel in 0..<channels {
            let layout = layouts[stream.signals[channel]]
            let gain = layout.gain * stream.factors[channel]
            let offset = layout.offset * stream.factors[channel]
            let start = records.position + layout.start
            let bytes = records.buffer.span.extracting(start..<start + end * file.bytesInSample)
            var at = channel
            if file.isBDF {
                for sample in first..<end {
                    samples[at] = Float(Double(bytes.int24(at: sample * 3)) * gain + offset)
                    at += channels
                }
            } else {
                for sample in first..<end {
                    samples[at] = Float(Double(Int16(bitPattern: bytes.uint16(at: sample * 2))) * gain + offset)
                    at += channels
                }
            }
        }
    }
}

extension EDFHeader {
    /// The equipment, the fifth word of an EDF+ recording field.
    fileprivate var device: String {
        let words = recording.split(separator: " ")
        guard isPlus, words.count >= 5, words[0] == "Startdate", words[4] != "X" else { return "" }
        return words[4...].joined(separator: " ").replacing("_", with: " ")
    }
}
