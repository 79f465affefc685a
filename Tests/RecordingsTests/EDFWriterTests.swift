// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import TestSupport
import Testing

@testable import Recordings

/// 2026-03-01 22:15:30 on the recording's clock.
private let start = 1_772_403_330

private func axes(_ rate: Int = 10) -> [EDFWriter.Signal] {
    ["X", "Y", "Z"].map {
        EDFWriter.Signal(label: "Acc L \($0)", unit: "g", physicalLimits: ("-16", "15.99951"), rate: rate)
    } + [.flag("Valid L", rate: rate)]
}

/// Writes seconds of samples that count up, the third second of which is missing, and gives the file's bytes.
private func written(_ annotations: [RecordingAnnotation], seconds: Int = 5, equipment: String = "AX6") throws
    -> [UInt8]
{
    try Fixtures.withTemporaryFolder { folder in
        let path = folder.appending(path: "night.edf").path
        var writer = try EDFWriter(
            path: path, start: start, equipment: equipment, signals: axes(), recordCount: seconds,
            annotations: annotations)
        for second in 0..<seconds {
            let isMissing = second == 2
            let values = (0..<10).map { isMissing ? EDFWriter.missing : Int16(second * 10 + $0) }
            #expect(!FileManager.default.fileExists(atPath: path))
            try writer.append([
                values, values.map { $0 == .min ? $0 : -$0 }, values, [Int16](repeating: isMissing ? 0 : 1, count: 10),
            ])
        }
        try writer.finish()
        return Array(try Data(contentsOf: URL(filePath: path)))
    }
}

@Suite struct EDFWriterTests {
    @Test func whatIsWrittenIsReadBackWithItsTimesAndItsGap() throws {
        let recording = try WholeRecording(bytes: try written([]))
        #expect(recording.report.isEmpty, "\(recording.report)")
        #expect(recording.header.streams.map(\.leg) == [.left])
        #expect(recording.times.first == Double(start) && recording.times.last == Double(start) + 4.9)
        #expect(recording.times.count == 40 && recording.gaps.map(\.at) == [20])
        let step = Float((15.99951 + 16) / 65_535)
        for (sample, count) in (Array(0..<20) + Array(30..<50)).enumerated() {
            #expect(abs(recording.values[sample * 3] - Float(count) * step) < step / 4)
            #expect(abs(recording.values[sample * 3 + 1] + Float(count) * step) < step / 4)
        }
    }

    @Test func annotationsAreReadBackInAnyNumber() throws {
        let marks = (0..<300).map { (index: Int) -> RecordingAnnotation in
            let time = Double(start) + 4.5 - Double(index) / 100
            let duration: Double? = index % 3 == 0 ? nil : Double(index) / 8
            let channel: String? = index % 2 == 0 ? "Acc L X" : nil
            return RecordingAnnotation(time: time, duration: duration, text: "PLM:links · \(index)", channel: channel)
        }
        let file = try AnnotationFile(ByteSource(bytes: try written(marks)))
        #expect(file.start == Double(start) && file.report.isEmpty)
        #expect(file.annotations.count == 300)
        for (mark, found) in zip(marks.reversed(), file.annotations) {
            #expect(abs(found.time - mark.time) < 0.0006 && found.text == mark.text && found.channel == mark.channel)
            #expect(found.duration == mark.duration)
        }
    }

    @Test func textThatWouldBreakAListIsTaken() throws {
        let mark = RecordingAnnotation(time: Double(start) - 5, text: "a\u{14}b\u{15}c\0d\n")
        let file = try AnnotationFile(ByteSource(bytes: try written([mark])))
        #expect(file.annotations == [RecordingAnnotation(time: Double(start), text: "abcd")])
    }

    @Test func theHeaderIsPrintableAsciiOfTheRightSize() throws {
        let bytes = try written(
            [], equipment: "Ünï code sensor with a name that is much longer than what the field can hold, by far")
        let text = String(decoding: bytes[..<(256 * 6)], as: UTF8.self)
        #expect(bytes[..<(256 * 6)].allSatisfy { (0x20...0x7E).contains($0) })
        #expect(text.hasPrefix("0       X X X X "))
        #expect(text.contains("Startdate 01-MAR-2026 X X ?n?_code_sensor"))
        #expect(text.dropFirst(168).hasPrefix("01.03.2622.15.301536    EDF+C"))
        #expect(bytes.count == 256 * 6 + 5 * (4 * 20 + 64))
    }

    @Test func aYearThatTheFormatCannotSayIsRefused() {
        #expect(throws: RecordingError.self) {
            _ = try EDFWriter(
                path: "/nowhere/night.edf", start: 0, equipment: "", signals: axes(), recordCount: 1, annotations: [])
        }
    }
}
