// SPDX-License-Identifier: GPL-3.0-or-later

/// A sensor on a serial port as its user set it up: which port, what comes, and what its numbers mean.
///
/// A serial port says nothing of itself, so it is never opened before somebody said, once, what it is.
public struct PortSetup: Hashable, Sendable {
    /// What the sensor's own clock counts in a line of text.
    public enum TimeUnit: String, CaseIterable, Sendable {
        case seconds = "s"
        case milliseconds = "ms"
        case microseconds = "us"

        /// How many of it are a second.
        public var perSecond: Double {
            switch self {
            case .seconds: 1
            case .milliseconds: 1000
            case .microseconds: 1_000_000
            }
        }
    }

    /// The name it is called by, in place of a serial number.
    public var name: String
    /// The path of its port.
    public var port: String
    /// The key of its ``PortFormat``.
    public var format: String
    /// Bits a second.
    public var baud: Int
    /// Samples a second.
    public var rate: Double
    /// What 1 g reads as: 1, 1000, 9.81, or the counts of a g.
    public var gravity: Double
    /// What the first number of a line counts, where it is the time.
    public var time: TimeUnit?
    /// Whether its meaning was measured in six positions, and not only told.
    public var isMeasured: Bool

    /// The slowest sensor that leg movements can be found with, in samples a second.
    public static let slowest = 25.0
    /// The fastest that is sensible.
    public static let fastest = 3200.0
    /// The rates that the port's own driver knows.
    public static let bauds = [9600, 19200, 38400, 57600, 115_200, 230_400, 460_800, 921_600]
    private static let longestName = 24

    /// A sensor on a port.
    public init(
        name: String, port: String, format: String, baud: Int, rate: Double, gravity: Double = 1,
        time: TimeUnit? = nil, isMeasured: Bool = false
    ) {
        self.name = name
        self.port = port
        self.format = format
        self.baud = baud
        self.rate = rate
        self.gravity = gravity
        self.time = time
        self.isMeasured = isMeasured
    }

    /// Whether a name can be one: letters, digits, `.`, `_` and `-`, so that it is a file's name and fits a night log.
    public static func isName(_ text: String) -> Bool {
        (1...longestName).contains(text.utf8.count) && text.utf8.first != UInt8(ascii: ".")
            && text.utf8.allSatisfy {
                switch $0 {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    /// A name made of a port's path: what it ends with.
    public static func name(ofPort path: String) -> String {
        let last = path.split(separator: "/").last.map(String.init) ?? ""
        let fit = last.suffix(longestName).drop { $0 == "." }
        return String(fit.map { isName("x\($0)") ? $0 : "-" })
    }
}

extension PortSetup {
    private static let firstLine = "nattro port 1"

    /// The lines of its file.
    public var encoded: String {
        var lines = [
            Self.firstLine, "name = \(name)", "port = \(port)", "format = \(format)", "baud = \(baud)",
            "rate = \(rate)", "gravity = \(gravity)",
        ]
        if let time { lines.append("time = \(time.rawValue)") }
        lines.append("measured = \(isMeasured ? "yes" : "no")")
        return lines.joined(separator: "\n") + "\n"
    }

    /// What the lines of a file say; nil where something is missing or impossible.
    public init?(_ text: String) {
        let lines = text.split(whereSeparator: \.isNewline).map(String.init)
        guard lines.first == Self.firstLine else { return nil }
        var values: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let equals = line.firstIndex(of: "=") else { return nil }
            let key = line[..<equals].filter { $0 != " " }
            values[key] = String(line[line.index(after: equals)...].drop { $0 == " " })
        }
        guard let name = values["name"], Self.isName(name), let port = values["port"], port.contains("/"),
            let format = values["format"], SensorDriver.portFormats.contains(where: { $0.key == format }),
            let baud = values["baud"].flatMap(Int.init), Self.bauds.contains(baud),
            let rate = values["rate"].flatMap(Double.init), rate >= Self.slowest, rate <= Self.fastest,
            let gravity = values["gravity"].flatMap(Double.init), gravity.isFinite, gravity > 0
        else { return nil }
        let time = values["time"].flatMap(TimeUnit.init(rawValue:))
        guard time != nil || values["time"] == nil else { return nil }
        self.init(
            name: name, port: port, format: format, baud: baud, rate: rate, gravity: gravity, time: time,
            isMeasured: values["measured"] == "yes")
    }
}
