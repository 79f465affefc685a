// SPDX-License-Identifier: GPL-3.0-or-later

/// Saves the whole pages of a damaged GENEActiv file, under a header that counts them.
///
/// A page that is cut is left out, since other programs refuse a file that holds one; `nattro convert` reads it.
struct GENEActivRepair {
    private let source: String
    private static let counter = "Number of Pages:"
    private static let linesAbove = 9
    private static let digits = 3600

    init(_ source: String) { self.source = source }

    func write(to destination: String) throws(RecordingError) -> RecordingRepair {
        var pages = 0
        // The number stands above the pages, so they are counted first.
        _ = try walk { _ in
            pages += 1
        } header: { _ in
        }
        guard pages > 0 else { throw .nothingToSave(source, "whole GENEActiv page") }
        var output = try OutputFile(path: destination, mustBeNew: true)
        var repair = RecordingRepair(kept: "\(pages) pages")
        var remark: String?
        repair.report = try walk { page throws(RecordingError) in
            try output.write(page)
        } header: { line throws(RecordingError) in
            guard line.starts(with: Self.counter.utf8) else { return try output.write(line) }
            let said = "\(Self.counter)\(pages)"
            if !line.starts(with: said.utf8) { remark = "\(said) stands in the header now" }
            try output.write(Array(said.utf8) + line.drop { $0 != 0x0D && $0 != 0x0A })
        }
        try output.finish()
        if let remark { repair.remarks.append(remark) }
        return repair
    }

    /// Hands the header's lines and the whole pages to their takers, and reports what is neither.
    private func walk(
        page take: ([UInt8]) throws(RecordingError) -> Void, header: ([UInt8]) throws(RecordingError) -> Void
    ) throws(RecordingError) -> ReadingReport {
        var report = ReadingReport()
        var lines = GENEActivLines(try ByteSource(path: source))
        var page: [[UInt8]]?
        func left(_ lines: [[UInt8]], _ offset: Int) {
            let bytes = lines.reduce(0) { $0 + $1.count }
            if bytes > 0 { report.note("bytes in no whole page", count: bytes, at: "before byte \(offset)") }
        }
        while let range = try lines.next() {
            let text = lines.buffer[range]
            let line = Array(text) + (lines.isCut ? [] : lines.lineEnd)
            if text.elementsEqual(GENEActivHeader.pageTitle.utf8) {
                left(page ?? [], lines.lineOffset)
                page = [line]
            } else if page == nil {
                try header(line)
            } else {
                page?.append(line)
                guard let whole = page, !text.contains(UInt8(ascii: ":")), !text.isEmpty else { continue }
                if whole.count == Self.linesAbove + 1, text.count == Self.digits, text.allSatisfy(Self.isDigit),
                    !lines.isCut
                {
                    try take(Array(whole.joined()))
                } else {
                    left(whole, lines.lineOffset)
                }
                page = []
            }
        }
        left(page ?? [], lines.lineOffset)
        return report
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
    }
}
