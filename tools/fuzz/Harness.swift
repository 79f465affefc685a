// SPDX-License-Identifier: GPL-3.0-or-later
// Compiled into one module with Sources/Recordings by tools/fuzz/run.
import Glibc

/// The decoders, each fed with the bytes of a whole file.
private let decoders: [String: @Sendable (ByteSource) throws -> any RecordingReader] = [
    "any": { try RecordingFile.open($0) },
    "nightlog": { try NightLogReader($0) },
    "cwa": { try CWAReader($0) },
    "csv": { try CSVReader($0) },
    "edf": { try EDFReader($0) },
    "geneactiv": { try GENEActivReader($0) },
    "gt3x": { try GT3XReader($0) },
    "gt3xlog": { try GT3XReader(ByteSource(bytes: storedArchive($0.memory ?? []))) },
    "marks": { try MarksAlone($0) },
    "pyramid": { try PyramidAlone($0.memory ?? []) },
]

private let decoder: @Sendable (ByteSource) throws -> any RecordingReader = {
    guard let name = unsafe getenv("NATTRO_DECODER").map({ unsafe String(cString: $0) }), let chosen = decoders[name]
    else { fatalError("NATTRO_DECODER names none of \(decoders.keys.sorted())") }
    return chosen
}()

/// Reads a file to its end, or to its one error, and checks what every reader promises.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    do {
        var reader = try decoder(ByteSource(bytes: bytes, path: "fuzz"))
        var block = SampleBlock()
        var indices = [Int64](repeating: 0, count: reader.header.streams.count)
        while try reader.read(into: &block) {
            precondition(indices.indices.contains(block.stream), "a block of a stream that the header lacks")
            precondition(block.count > 0 && block.values.count == block.count * block.channelCount, "half a sample")
            precondition(
                block.channelCount == reader.header.streams[block.stream].channels.count, "channels that have no name")
            precondition(block.firstIndex >= indices[block.stream], "samples run backwards")
            precondition(block.time(at: 0).isFinite && block.time(at: block.count - 1).isFinite, "no time")
            indices[block.stream] = block.firstIndex + Int64(block.count)
        }
        for item in reader.report.items { precondition(item.count > 0 && !item.firstPlace.isEmpty, "an empty loss") }
    } catch let error as RecordingError {
        precondition(!error.description.isEmpty)
    } catch {
        fatalError("\(error) is no RecordingError")
    }
    return 0
}

/// A GT3X archive with these bytes as its log: so the log is mutated, not the archive around it.
private func storedArchive(_ log: [UInt8]) -> [UInt8] {
    let info = Array("Serial Number: MOS2E0\nFirmware: 1.6.0\nSample Rate: 30\nStart Date: 637755981000000000\n".utf8)
    var file: [UInt8] = []
    var directory: [UInt8] = []
    func little(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    for (name, bytes) in [("info.txt", info), ("log.bin", log)] {
        // The checksum is left 0: what libzip says of it comes after the bytes.
        let sizes = little(0, 4) + little(bytes.count, 4) + little(bytes.count, 4) + little(name.utf8.count, 2)
        directory += little(0x0201_4B50, 4) + little(20, 2) + little(20, 2) + little(0, 8) + sizes + little(0, 12)
        directory += little(file.count, 4) + Array(name.utf8)
        file += little(0x0403_4B50, 4) + little(20, 2) + little(0, 8) + sizes + little(0, 2) + Array(name.utf8) + bytes
    }
    let start = file.count
    file += directory + little(0x0605_4B50, 4) + little(0, 4) + little(2, 2) + little(2, 2)
    return file + little(directory.count, 4) + little(start, 4) + little(0, 2)
}

/// The marks of a file, checked; it holds no samples.
private struct MarksAlone: RecordingReader {
    let header = RecordingHeader(format: .edf, streams: [])
    let report: ReadingReport
    let fractionRead: Double? = nil

    init(_ source: ByteSource) throws(RecordingError) {
        let file = try AnnotationFile(source)
        for mark in file.annotations {
            precondition(mark.time.isFinite && mark.duration ?? 0 >= 0 && (mark.duration ?? 0).isFinite, "no time")
        }
        report = file.report
    }

    mutating func read(into block: inout SampleBlock) throws(RecordingError) -> Bool { false }
}

/// A pyramid, drawn at every level; it holds no samples. The bytes are the file, and then its catalogue with the right checksums: so the
/// catalogue is mutated, not the checksums around it.
private struct PyramidAlone: RecordingReader {
    let header = RecordingHeader(format: .nightLog, streams: [])
    let report = ReadingReport()
    let fractionRead: Double? = nil

    init(_ bytes: [UInt8]) throws(RecordingError) {
        var page = [UInt8](repeating: 0, count: PyramidPage.size)
        PyramidPage().encode(stream: 0, index: 43_723, into: &page)
        var error: RecordingError?
        for pages in 0..<3 {
            let file = Array(repeating: page, count: pages).flatMap(\.self) + bytes + PyramidCatalogue.tail(of: bytes)
            do throws(RecordingError) { try draw(PyramidCatalogue.header + file) } catch let failure { error = failure }
        }
        do throws(RecordingError) { try draw(bytes) } catch let failure { error = failure }
        if let error { throw error }
    }

    private func draw(_ bytes: [UInt8]) throws(RecordingError) {
        let pyramid = try PyramidFile(bytes: bytes)
        for stream in 0..<pyramid.streamCount {
            guard let rate = pyramid.rate(of: stream) else { continue }
            precondition(pyramid.sampleCount(of: stream) >= 0, "a count below zero")
            for span in [1_790_894_080.0..<1_790_894_090, 0..<9e10, -9e10..<1e3, 1_790_000_000..<1_792_000_000] {
                var envelope = TraceEnvelope(TraceGrid(span, rate: rate, columns: 100), step: pyramid.step(of: stream))
                try pyramid.fill(&envelope, from: stream)
                precondition(envelope.values.count == 6 * envelope.grid.count, "half a column")
            }
        }
        try pyramid.check()
    }

    mutating func read(into block: inout SampleBlock) throws(RecordingError) -> Bool { false }
}
