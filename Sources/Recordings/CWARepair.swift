// SPDX-License-Identifier: GPL-3.0-or-later

/// Saves the good sectors of a damaged CWA file, also where bytes are missing or too many between them.
///
/// Sectors stay as they are, their numbers too: so a lost one is a gap in the new file as in the old.
struct CWARepair {
    private let source: String

    init(_ source: String) { self.source = source }

    /// Whether a good sector stands somewhere in these bytes: a file whose header is lost.
    static func holdsSector(_ bytes: [UInt8]) -> Bool {
        bytes.count >= CWASector.size && (0...bytes.count - CWASector.size).contains { isSector(bytes, at: $0) }
    }

    private static func isSector(_ bytes: [UInt8], at position: Int) -> Bool {
        guard bytes[position] == UInt8(ascii: "A"), bytes[position + 1] == UInt8(ascii: "X") else { return false }
        // Without a rate code there is no checksum, and anything would be a sector.
        guard case .samples = CWASector.examine(bytes, at: position, fileOffset: 0) else { return false }
        return bytes[position + 24] != 0
    }

    func write(to destination: String) throws(RecordingError) -> RecordingRepair {
        let input = try ByteSource(path: source)
        var repair = RecordingRepair()
        var output = try OutputFile(path: destination, mustBeNew: true)
        var buffer = [UInt8](repeating: 0, count: 512 * CWASector.size)
        var filled = try input.read(into: &buffer)
        var position = 0
        var sectors = 0
        var header: [UInt8]?
        if CWAHeader.begins(buffer), filled >= CWAHeader.size {
            header = Array(buffer[..<CWAHeader.size])
            position = CWAHeader.size
        }
        while true {
            if filled - position < CWASector.size {
                let rest = filled - position
                for index in 0..<rest { buffer[index] = buffer[position + index] }
                position = 0
                filled = rest + (try input.read(into: &buffer, from: rest))
                if filled < CWASector.size {
                    if filled > 0 {
                        repair.report.note(
                            "bytes in no good sector", count: filled, at: "byte \(input.offset - filled)")
                    }
                    break
                }
            }
            guard Self.isSector(buffer, at: position) else {
                repair.report.note("bytes in no good sector", at: "byte \(input.offset - filled + position)")
                position += 1
                continue
            }
            if header == nil {
                header = Self.header(of: buffer, at: position)
                repair.remarks.append(
                    "its header was lost; the new one has the device and rate that the sectors tell, and no site")
            }
            if sectors == 0, let header { try output.write(header) }
            try output.write(buffer[position..<position + CWASector.size])
            sectors += 1
            position += CWASector.size
        }
        guard sectors > 0 else { throw .nothingToSave(source, "good CWA sector") }
        repair.kept = "\(sectors) sectors"
        try output.finish()
        return repair
    }

    /// A header made from what a sector tells.
    private static func header(of bytes: [UInt8], at position: Int) -> [UInt8] {
        var header = [UInt8](repeating: 0xFF, count: CWAHeader.size)
        header.replaceSubrange(0..<4, with: [UInt8(ascii: "M"), UInt8(ascii: "D"), 0xFC, 0x03])
        let axes = bytes[position + 25] >> 4
        header[4] = axes > 3 ? 0x64 : 0x17
        let span = bytes.span
        let identifier = span.uint16(at: position + 4)
        header.put(identifier & 0x8000 == 0 ? identifier : 0, at: 5)
        header.put(span.uint32(at: position + 6), at: 7)
        header.put(UInt16(0), at: 11)
        header[35] = 0
        header[36] = bytes[position + 24]
        header[41] = 0
        for index in 64..<512 { header[index] = 0x20 }
        return header
    }
}
