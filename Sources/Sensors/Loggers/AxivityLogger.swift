// SPDX-License-Identifier: GPL-3.0-or-later
internal import Recordings

/// A talk with an Axivity AX3 or AX6 over its serial port: lines there, lines back.
public struct AxivityLogger: ~Copyable {
    /// What it says it is.
    public struct Identity: Hashable, Sendable {
        /// `AX3` or `AX6`.
        public var model: String
        /// Its firmware's version.
        public var firmware: String
        /// The number on its case.
        public var number: String
        /// The session that is set; nil where its firmware does not tell.
        public var session: UInt32?

        /// What stands in `ID=CWA,17,44,12345,1`; nil if it is nothing of the kind.
        init?(_ answer: String) {
            let fields = answer.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            guard fields.count >= 4, fields[0] == "ID=CWA" || fields[0] == "ID=AX6", UInt32(fields[3]) != nil else {
                return nil
            }
            // The early AX6 calls itself CWA with hardware 64.
            model = fields[0] == "ID=AX6" || fields[1] == "64" ? "AX6" : "AX3"
            firmware = fields[2]
            number = fields[3]
            session = fields.count > 4 ? UInt32(fields[4]) : nil
        }
    }

    private var port: OpenPort
    private var lines = LoggerLines()

    /// Seconds that an answer may take.
    private static let patience = 2.0
    private static let baud = 115_200
    /// How far its clock may be off when it was just set, in seconds.
    private static let clockTolerance = 2

    /// Opens the port of a logger.
    public init(_ path: String) throws(SensorError) { port = try OpenPort(path, baud: Self.baud) }

    /// What it is.
    public mutating func identity() throws(SensorError) -> Identity {
        let answer = try ask("ID", for: "ID=", "identify the logger")
        guard let identity = Identity(answer) else { throw Self.unexpected(answer, "identify the logger") }
        return identity
    }

    /// The charge of its battery in per cent; nil where it does not tell.
    public mutating func battery() throws(SensorError) -> Int? {
        let fields = try ask("SAMPLE 1", for: "$BATT=", "read the logger's battery").split(separator: ",")
        // `$BATT=715,4189,mV,96,1`
        return fields.count >= 4 ? Int(fields[3]) : nil
    }

    /// Sets its clock, and looks whether it took it.
    ///
    /// - Parameter now: the local clock, asked at the moment of sending.
    public mutating func setTime(_ now: () -> AxivitySettings.Time) throws(SensorError) {
        let operation = "set the logger's clock"
        let time = now()
        _ = try ask("TIME \(time)", for: "$TIME=", operation)
        let answer = try ask("TIME", for: "$TIME=", operation)
        guard let shown = AxivitySettings.Time(String(answer.dropFirst("$TIME=".count))),
            abs(shown.seconds - now().seconds) <= Self.clockTolerance
        else { throw Self.unexpected(answer, operation) }
    }

    /// Sets it up, which erases what is on it.
    public mutating func set(_ settings: AxivitySettings) throws(SensorError) {
        for command in settings.commands { try carryOut(command, "set the logger up") }
    }

    /// Erases what is on it, and lets it record nothing.
    public mutating func clear() throws(SensorError) {
        for command in AxivitySettings.clearing { try carryOut(command, "erase the logger") }
    }

    /// What it measures while it is held where it is to be worn, in g: a look at its direction, and no recording.
    ///
    /// Its stream has no rate, no numbers and no promise.
    public mutating func placement(seconds: Double, model: String) throws(SensorError) -> [[Double]] {
        // AX3: 256 a g; AX6: 4096.
        let scale = model == "AX6" ? 1.0 / 4096 : 1.0 / 256
        var samples: [[Double]] = []
        try send("STREAM")
        let end = HostClock.system.now().bootTime + UInt64(seconds * 1e9)
        while HostClock.system.now().bootTime < end {
            for line in try lines.append(port.bytes(within: 0.1)) {
                let fields = line.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
                guard fields.count == 3 || fields.count == 6, !fields.contains(nil) else { continue }
                samples.append(fields.prefix(3).compactMap { $0.map { Double($0) * scale } })
            }
        }
        // Any line ends it; this one changes nothing.
        try send("TIME")
        return samples
    }

    private mutating func carryOut(
        _ command: AxivitySettings.Command, _ operation: String
    ) throws(SensorError) {
        let answer = try ask(command.line, for: command.answer, operation)
        guard command.isDone(answer) else { throw Self.unexpected(answer, operation) }
    }

    /// Sends a line and gives the line of the answer that begins as it must; others, its echo among them, are passed over.
    private mutating func ask(
        _ line: String, for start: String, _ operation: String
    ) throws(SensorError) -> String {
        // What waits from earlier is no answer.
        while try !port.bytes(within: 0).isEmpty {}
        lines = LoggerLines()
        try send(line)
        let end = HostClock.system.now().bootTime + UInt64(Self.patience * 1e9)
        while HostClock.system.now().bootTime < end {
            for answer in try lines.append(port.bytes(within: 0.1)) {
                if answer.hasPrefix("ERROR") { throw Self.unexpected(answer, operation) }
                if answer.hasPrefix(start) { return answer }
            }
        }
        throw SensorError(reason: .failed, operation: operation + ": it does not answer", code: 0, layer: .system)
    }

    /// An empty line before it ends whatever was begun.
    private mutating func send(_ line: String) throws(SensorError) {
        try port.send(Array("\r\n\(line)\r\n".utf8))
    }

    private static func unexpected(_ answer: String, _ operation: String) -> SensorError {
        SensorError(reason: .unexpected(answer), operation: operation, code: 0, layer: .system)
    }
}

/// The lines of a logger's answer: printable, at most 200 characters, whatever it sends.
struct LoggerLines: Hashable, Sendable {
    private var line = ""

    private static let longest = 200

    /// Takes bytes, and gives the lines that they complete; empty ones are left out.
    mutating func append(_ bytes: [UInt8]) -> [String] {
        var lines: [String] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n") {
                if !line.isEmpty { lines.append(line) }
                line = ""
            } else if line.utf8.count < Self.longest {
                line.unicodeScalars.append(0x20...0x7E ~= byte ? Unicode.Scalar(byte) : "?")
            }
        }
        return lines
    }
}
