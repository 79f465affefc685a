// SPDX-License-Identifier: GPL-3.0-or-later

/// The lines before the first page of a GENEActiv file: `Key:value` in paragraphs that each begin with a title.
struct GENEActivHeader {
    /// How stored integers become g on one axis.
    struct Calibration: Hashable {
        var gain: Double
        var offset: Double

        /// g of a stored integer, by the maker's rule.
        func acceleration(_ raw: Int) -> Float { Float((Double(raw) * 100 - offset) / gain) }
    }

    /// Of x, y and z.
    private(set) var calibration: [Calibration] = []
    /// Samples a second; 0 if the header does not tell.
    private(set) var rate = 0.0
    /// The pages that the recorder says it wrote.
    private(set) var declaredPages: Int?
    private var fields: [String: String] = [:]

    /// The first line of a page, and of nothing else.
    static let pageTitle = "Recorded Data"
    /// Fields of the person who wore it stay in the file.
    private static let privateParagraph = "Subject Info"

    /// Whether a file that begins with these bytes is a GENEActiv recording.
    static func begins(_ bytes: [UInt8]) -> Bool { bytes.starts(with: "Device Identity".utf8) }

    /// Reads the header from its lines; nil where it lacks a usable calibration.
    init?(lines: [String]) {
        var paragraph = ""
        for line in lines {
            guard let colon = line.firstIndex(of: ":") else {
                if !line.isEmpty { paragraph = line }
                continue
            }
            let (key, value) = (String(line[..<colon]), Self.trimmed(line[line.index(after: colon)...]))
            if value.isEmpty || (paragraph == Self.privateParagraph && key != "Device Location Code") { continue }
            fields[key] = value
        }
        for axis in ["x", "y", "z"] {
            guard let gain = fields["\(axis) gain"].flatMap(Self.number), gain != 0,
                let offset = fields["\(axis) offset"].flatMap(Self.number)
            else { return nil }
            calibration.append(Calibration(gain: gain, offset: offset))
        }
        rate = fields["Measurement Frequency"].flatMap(Self.number) ?? 0
        declaredPages = fields["Number of Pages"].flatMap(Self.count)
    }

    func recordingHeader(rate: Double) -> RecordingHeader {
        let site = fields["Device Location Code"] ?? ""
        let range = (fields["Accelerometer Range"]?.split(separator: " ").last).flatMap { Double($0) } ?? 0
        return RecordingHeader(
            format: .geneActiv, device: "GENEActiv \(fields["Device Model"] ?? "")",
            serial: fields["Device Unique Serial Code"] ?? "", firmware: fields["Device Firmware Version"] ?? "",
            site: site, streams: [StreamInfo(leg: Leg(site: site), site: site, nominalRate: rate, range: range)],
            metadata: fields)
    }

    /// The number that a value begins with, its decimals behind a point or a comma: `85.7 Hz`, `21,5`.
    static func number(_ value: some StringProtocol) -> Double? {
        let text = value.prefix { $0 != " " }.map { $0 == "," ? "." : $0 }
        return Double(String(text)).flatMap { $0.isFinite ? $0 : nil }
    }

    /// A number of pages; nil for more than any sensor holds.
    static func count(_ value: String) -> Int? {
        Int(value).flatMap { (0...mostPages).contains($0) ? $0 : nil }
    }

    private static let mostPages = 1_000_000_000

    /// Values are filled up with blanks or zero bytes.
    private static func trimmed(_ value: Substring) -> String {
        var value = value.prefix { $0 != "\0" }
        while value.last == " " { value.removeLast() }
        while value.first == " " { value.removeFirst() }
        return String(value)
    }
}
