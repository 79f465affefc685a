// SPDX-License-Identifier: GPL-3.0-or-later

/// Saves the whole records of a damaged, cut or unfinished EDF or BDF file, under a header that counts them.
///
/// A file whose records leave holes becomes a discontinuous one (EDF+D), since its header may not say that they follow each
/// other; where it has no annotations to tell the times, such a signal is added.
struct EDFRepair {
    private let source: String

    /// The samples of an annotation signal that is added: enough for the time of a record.
    private static let addedSamples = 16
    private static let addedFields = [
        "EDF Annotations", "", "", "-1", "1", "-32768", "32767", "", String(addedSamples), "",
    ]
    private static let widths = [16, 80, 8, 8, 8, 8, 8, 80, 8, 32]

    init(_ source: String) { self.source = source }

    func write(to destination: String) throws(RecordingError) -> RecordingRepair {
        var records = 0
        var holes = 0
        var counting = try EDFReader(ByteSource(path: source))
        while try counting.nextRecord() {
            records += 1
            // Without annotations the first record is at the start, unless zeros before it are left out.
            let isLate = records == 1 && counting.annotationSignals.isEmpty && counting.recordTime > counting.start
            if isLate || counting.gapBeforeRecord != nil { holes += 1 }
        }
        guard records > 0 else { throw .nothingToSave(source, "whole EDF record") }

        var repair = RecordingRepair(kept: "\(records) records", report: counting.report)
        var reader = try EDFReader(ByteSource(path: source))
        let file = reader.file
        let adds = holes > 0 && !file.signals.contains(where: \.isAnnotations)
        var header = try header(of: file)
        let count = String(records)
        put(count, at: 236, 8, in: &header)
        if file.recordCount != records { repair.remarks.append("the header counts \(count) records now") }
        if holes > 0, !file.isDiscontinuous {
            put(file.isBDF ? "BDF+D" : "EDF+D", at: 192, 44, in: &header)
            repair.remarks.append("the header says now that the records leave holes between them (+D)")
        }
        if adds {
            header = withAnnotations(header, file)
            repair.remarks.append("an annotation signal tells the time of each record now")
        }
        var output = try OutputFile(path: destination, mustBeNew: true)
        try output.write(header)
        while try reader.nextRecord() {
            try output.write(reader.recordBytes)
            if adds {
                let size = Self.addedSamples * file.bytesInSample
                let stamp = "+\(reader.recordTime - reader.start)\u{14}\u{14}"
                try output.write(
                    Array(stamp.utf8.prefix(size)) + [UInt8](repeating: 0, count: max(0, size - stamp.utf8.count)))
            }
        }
        try output.finish()
        return repair
    }

    /// The bytes of the header as they stand in the file, with its own size right.
    private func header(of file: EDFHeader) throws(RecordingError) -> [UInt8] {
        var header = [UInt8](repeating: 0, count: EDFHeader.fixedSize + file.signals.count * EDFHeader.sizePerSignal)
        _ = try ByteSource(path: source).read(into: &header)
        put(String(header.count), at: 184, 8, in: &header)
        return header
    }

    private func put(_ text: String, at position: Int, _ width: Int, in header: inout [UInt8]) {
        let bytes = Array(text.utf8.prefix(width))
        for index in 0..<width { header[position + index] = index < bytes.count ? bytes[index] : 0x20 }
    }

    /// The header with one signal more, whose fields come behind those of the others.
    private func withAnnotations(_ header: [UInt8], _ file: EDFHeader) -> [UInt8] {
        let signals = file.signals.count
        var wider = Array(header[..<EDFHeader.fixedSize])
        var position = EDFHeader.fixedSize
        for (width, text) in zip(Self.widths, Self.addedFields) {
            wider += header[position..<position + width * signals]
            let bytes = Array((file.isBDF && width == 16 ? "BDF Annotations" : text).utf8)
            wider += bytes + [UInt8](repeating: 0x20, count: width - bytes.count)
            position += width * signals
        }
        put(String(wider.count), at: 184, 8, in: &wider)
        put(String(signals + 1), at: 252, 4, in: &wider)
        return wider
    }
}
