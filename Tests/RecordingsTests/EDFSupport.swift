// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Recordings
import Testing

/// An EDF or BDF file made by a test, byte by byte, right or wrong.
struct MadeEDF {
    /// A signal whose digital samples a closure gives.
    struct Signal {
        var label = "EMG LAT"
        var unit = "uV"
        var physical = ("-3276.8", "3276.7")
        var digital = ("-32768", "32767")
        var samplesPerRecord = 100
        var value: (_ sample: Int) -> Int = { $0 }
    }

    var isBDF = false
    var reserved = "EDF+C"
    var recording = "Startdate 02-MAR-2026 X X MadeUp"
    var date = "02.03.26"
    var time = "22.15.30"
    var count: String?
    var duration = "1"
    var signals = [Signal()]
    /// The bytes in each annotation signal, and their texts in each record; `nil` leaves a record's signal zero.
    var annotationSize = 40
    /// For each record what each annotation signal holds.
    var annotations: [[String]] = []
    var records = 5
    var labels: String { isBDF ? "BDF Annotations" : "EDF Annotations" }

    var bytes: [UInt8] {
        let width = isBDF ? 3 : 2
        let lists = annotations.first?.count ?? 0
        let all =
            signals
            + (0..<lists).map { _ in
                Signal(
                    label: labels, unit: "", physical: ("-1", "1"),
                    samplesPerRecord: (annotationSize + width - 1) / width)
            }
        func field(_ text: String, _ width: Int) -> [UInt8] {
            Array(text.utf8.prefix(width)) + [UInt8](repeating: 0x20, count: max(0, width - text.utf8.count))
        }
        var file: [UInt8] = isBDF ? [0xFF] + field("BIOSEMI", 7) : field("0", 8)
        file += field("X X X X", 80) + field(recording, 80) + field(date, 8) + field(time, 8)
        file += field(String(256 * (all.count + 1)), 8) + field(reserved, 44) + field(count ?? String(records), 8)
        file += field(duration, 8) + field(String(all.count), 4)
        let columns: [(Signal) -> [UInt8]] = [
            { field($0.label, 16) }, { _ in field("", 80) }, { field($0.unit, 8) }, { field($0.physical.0, 8) },
            { field($0.physical.1, 8) }, { field($0.digital.0, 8) }, { field($0.digital.1, 8) },
            { _ in field("HP:10Hz", 80) }, { field(String($0.samplesPerRecord), 8) }, { _ in field("", 32) },
        ]
        for column in columns { for signal in all { file += column(signal) } }
        for record in 0..<records {
            for signal in signals {
                for sample in 0..<signal.samplesPerRecord {
                    let value = signal.value(record * signal.samplesPerRecord + sample)
                    for byte in 0..<width { file.append(UInt8(truncatingIfNeeded: value >> (8 * byte))) }
                }
            }
            for list in 0..<lists {
                let size = (annotationSize + width - 1) / width * width
                let text = record < annotations.count ? Array(annotations[record][list].utf8) : []
                file += text.prefix(size) + [UInt8](repeating: 0, count: max(0, size - text.count))
            }
        }
        return file
    }

    /// A list that only tells the time of its record.
    static func stamp(_ onset: String) -> String { "+\(onset)\u{14}\u{14}\u{0}" }

    /// The second at which the made files start: 2026-03-02 22:15:30.
    static let start = 1_772_489_730.0
}

/// An EDF file read to its end, stream by stream.
struct WholeEDF {
    var reader: EDFReader
    var values: [[Float]]
    var times: [[Double]]
    var gaps: [[(at: Int, gap: Gap)]]

    init(_ source: ByteSource) throws {
        reader = try EDFReader(source)
        values = reader.header.streams.map { _ in [] }
        times = reader.header.streams.map { _ in [] }
        gaps = reader.header.streams.map { _ in [] }
        var block = SampleBlock()
        while try reader.read(into: &block) {
            if let gap = block.gapBefore { gaps[block.stream].append((times[block.stream].count, gap)) }
            #expect(block.firstIndex == Int64(times[block.stream].count))
            values[block.stream] += block.values
            for position in 0..<block.count { times[block.stream].append(block.time(at: position)) }
        }
    }

    init(bytes: [UInt8]) throws { try self.init(ByteSource(bytes: bytes)) }
    init(_ path: String) throws { try self.init(ByteSource(path: path)) }

    /// The integers that the file stores of a signal, found from the values handed out.
    func digital(_ signal: Int) throws -> [Int32] {
        for (stream, info) in reader.header.streams.enumerated() {
            let label = reader.signals[signal].label
            let earlier = reader.signals[..<signal].filter { $0.label == label }.count
            guard earlier == 0, let channel = info.channels.firstIndex(of: label),
                reader.signals[signal].samplesPerRecord
                    == reader.signals.first(where: { $0.label == info.channels[0] })?.samplesPerRecord
            else { continue }
            let (gain, offset) = (reader.signals[signal].gain, reader.signals[signal].offset)
            return stride(from: channel, to: values[stream].count, by: info.channels.count).map {
                Int32(((Double(values[stream][$0]) - offset) / gain).rounded())
            }
        }
        throw MissingSignal(signal: signal)
    }

    struct MissingSignal: Error { var signal: Int }
}
