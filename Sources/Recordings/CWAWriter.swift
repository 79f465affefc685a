// SPDX-License-Identifier: GPL-3.0-or-later

/// Writes a CWA file as an AX6 set to its accelerometer alone writes it: 16-bit, three axes, 80 samples to a sector.
///
/// Sequence numbers run on without a hole whatever happens to the time, since readers in use crash on a hole; a gap is a jump
/// of the time stamps. Only ``lose(sectors:)`` leaves a hole, for whoever wants a damaged file. Layout: openmovement `Docs/ax3/cwa.h`.
public struct CWAWriter: ~Copyable {
    /// The samples of a full sector; the last one of a stretch may hold fewer.
    public static let samplesInSector = 80

    private var output: OutputFile
    private let rateCode: UInt8
    private let rate: Int
    private let session: UInt32
    private let accelerationShift: UInt16
    private var sequence: UInt32 = 0
    private var sector = [UInt8](repeating: 0, count: CWASector.size)

    /// The rates that the format can express and its readers expect, in samples a second.
    public static let rates = [25, 50, 100, 200, 400]

    /// Begins a file.
    ///
    /// - Parameters:
    ///   - rate: one of ``rates``.
    ///   - range: ± 2, 4, 8 or 16 g; one count is `range / 32768` g.
    ///   - site: the body site in words, as in "left ankle".
    public init(
        path: String, rate: Int, range: Int, device: UInt32 = 0, session: UInt32 = 1, site: String = ""
    ) throws(RecordingError) {
        precondition(Self.rates.contains(rate), "a rate of \(rate) Hz is none of \(Self.rates)")
        precondition([2, 4, 8, 16].contains(range), "a range of ±\(range) g is none of 2, 4, 8, 16")
        let rangeCode: UInt8 = UInt8(4 - range.trailingZeroBitCount)
        let exponent = (0...15).first { 3200 >> (15 - $0) == rate } ?? 0
        let rateCode = rangeCode << 6 | UInt8(exponent)

        var header = [UInt8](repeating: 0xFF, count: CWAHeader.size)
        header.replaceSubrange(0..<4, with: [UInt8(ascii: "M"), UInt8(ascii: "D"), 0xFC, 0x03])
        header[4] = 0x64
        header.put(UInt16(truncatingIfNeeded: device), at: 5)
        header.put(session, at: 7)
        header.put(UInt16(truncatingIfNeeded: device >> 16), at: 11)
        header[35] = 0
        header[36] = rateCode
        header[41] = 0
        let note = Array("_p=\(site.split(separator: " ").joined(separator: "+"))".utf8.prefix(448))
        for position in 64..<512 { header[position] = 0x20 }
        if !site.isEmpty { header.replaceSubrange(64..<64 + note.count, with: note) }
        var file = try OutputFile(path: path)
        try file.write(header)
        output = file
        self.rate = rate
        self.rateCode = rateCode
        self.session = session
        // One count is 1 / 2^(8 + n) g, and 32768 counts are the range.
        accelerationShift = UInt16(15 - range.trailingZeroBitCount - 8)
    }

    /// Appends one sector.
    ///
    /// - Parameters:
    ///   - samples: up to ``samplesInSector`` triples of raw counts.
    ///   - time: when the first of them was taken, in seconds since the Unix epoch of the sensor's clock; kept to 31 µs.
    ///   - temperature: in °C.
    public mutating func append(
        _ samples: some Collection<Int16>, time: Double, temperature: Double = 30
    ) throws(RecordingError) {
        precondition(
            samples.count % 3 == 0 && samples.count / 3 <= Self.samplesInSector && !samples.isEmpty,
            "\(samples.count) values are no 1 to \(Self.samplesInSector) triples")
        for position in 0..<sector.count { sector[position] = 0 }
        let whole = time.rounded(.down)
        let fraction = UInt16((time - whole) * 32768)
        // Older readers take the stored offset for the sample at the whole second.
        let moved = ((Int(fraction) << 1) * rate) >> 16
        sector[0] = UInt8(ascii: "A")
        sector[1] = UInt8(ascii: "X")
        sector.put(UInt16(508), at: 2)
        sector.put(0x8000 | fraction, at: 4)
        sector.put(session, at: 6)
        sector.put(sequence, at: 10)
        sector.put(CWAHeader.timestamp(seconds: Int(whole)), at: 14)
        sector.put(accelerationShift << 13, at: 18)
        sector.put(UInt16(max(0, min(1023, ((temperature + 50) * 256 / 75).rounded()))), at: 20)
        sector[23] = 200
        sector[24] = rateCode
        sector[25] = 0x32
        sector.put(UInt16(bitPattern: Int16(-moved)), at: 26)
        sector.put(UInt16(samples.count / 3), at: 28)
        for (position, value) in samples.enumerated() {
            sector.put(UInt16(bitPattern: value), at: 30 + position * 2)
        }
        var sum: UInt16 = 0
        for word in 0..<255 { sum &+= sector.span.uint16(at: word * 2) }
        sector.put(0 &- sum, at: 510)
        try output.write(sector)
        sequence += 1
    }

    /// Numbers the next sector as if so many had been written before it and were lost from the file since.
    public mutating func lose(sectors count: Int) {
        precondition(count >= 0, "\(count) sectors cannot be lost")
        sequence += UInt32(count)
    }

    /// Ends the file; it has its name only now.
    public consuming func finish() throws(RecordingError) {
        try output.finish()
    }
}
