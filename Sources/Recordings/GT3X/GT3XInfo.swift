// SPDX-License-Identifier: GPL-3.0-or-later

/// The `info.txt` of a GT3X recording: `Key: value` lines.
struct GT3XInfo {
    private var fields: [String: String] = [:]

    /// Fields of the person who wore it stay in the file.
    private static let privateFields: Set<String> = [
        "Subject Name", "Sex", "Height", "Mass", "Age", "Race", "DateOfBirth",
    ]

    /// The 100 ns steps of .NET, from the year 1, at the Unix epoch and in a second.
    private static let ticksAtEpoch = 621_355_968_000_000_000.0
    private static let ticksInSecond = 1e7

    init(_ bytes: ArraySlice<UInt8>) {
        var text = String(decoding: bytes, as: UTF8.self)
        if text.first == "\u{FEFF}" { text.removeFirst() }
        // A value may hold colons of its own, as a time zone does.
        for line in text.split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            if !value.isEmpty { fields[String(line[..<colon])] = String(value) }
        }
    }

    /// Samples a second, if it is a number that a sensor can have.
    var rate: Double? { number("Sample Rate").flatMap { (1...10_000).contains($0) ? $0 : nil } }
    /// When the recording began, in seconds since the Unix epoch of the sensor's clock.
    var start: Double? {
        number("Start Date").flatMap { $0 > Self.ticksAtEpoch ? ($0 - Self.ticksAtEpoch) / Self.ticksInSecond : nil }
    }
    /// Counts in one g, before the log's own parameter: the header's, or what the sensors without one have.
    var scale: Double {
        if let stated = number("Acceleration Scale"), stated > 0 { return stated }
        return ["NEO", "CLE", "MRA"].contains(where: serial.hasPrefix) ? 341 : 256
    }
    /// Whether the firmware is the one that stores x and y of a turned sensor.
    var isTurned: Bool { serial.hasPrefix("MOS") && fields["Firmware"] == "1.6.0" }

    private var serial: String { fields["Serial Number"] ?? "" }

    private func number(_ key: String) -> Double? {
        fields[key].flatMap { Double(String($0.map { $0 == "," ? "." : $0 })) }.flatMap { $0.isFinite ? $0 : nil }
    }

    func recordingHeader(rate: Double) -> RecordingHeader {
        let site = [fields["Side"], fields["Limb"]].compactMap { $0 }.joined(separator: " ").lowercased()
        return RecordingHeader(
            format: .gt3x, device: "ActiGraph \(fields["Device Type"] ?? "")", serial: serial,
            firmware: fields["Firmware"] ?? "", site: site,
            streams: [
                StreamInfo(
                    leg: Leg(site: site), site: site, nominalRate: rate, range: number("Acceleration Max") ?? 0)
            ],
            metadata: fields.filter { !Self.privateFields.contains($0.key) })
    }
}
