// SPDX-License-Identifier: GPL-3.0-or-later
internal import Recordings

/// How an Axivity logger is to record, and the lines that tell it so.
public struct AxivitySettings: Hashable, Sendable {
    /// A moment of the logger's clock, which is the local one.
    public struct Time: Hashable, Sendable, CustomStringConvertible {
        /// Seconds since 1970 on a clock that shows local time.
        public var seconds: Int

        /// A moment by seconds since 1970 on the local clock.
        public init(seconds: Int) { self.seconds = seconds }

        /// As it is written: `2026-11-24,22:30:00`.
        public var description: String {
            let date = CivilDate.date(daysSinceEpoch: Int((Double(seconds) / 86_400).rounded(.down)))
            let rest = seconds - Int((Double(seconds) / 86_400).rounded(.down)) * 86_400
            return "\(Self.padded(date.year, 4))-\(Self.padded(date.month))-\(Self.padded(date.day)),"
                + "\(Self.padded(rest / 3600)):\(Self.padded(rest / 60 % 60)):\(Self.padded(rest % 60))"
        }

        /// What a logger answers: `2026/11/24,22:30:00`, with strokes of either kind and perhaps a fraction; nil if it is no moment.
        init?(_ text: String) {
            let parts = text.split(whereSeparator: { !$0.isNumber })
            let numbers = parts.prefix(6).compactMap { Int($0) }
            guard numbers.count == 6,
                let days = CivilDate.daysSinceEpoch(year: numbers[0], month: numbers[1], day: numbers[2]),
                numbers[3] < 24, numbers[4] < 60, numbers[5] < 60
            else { return nil }
            seconds = ((days * 24 + numbers[3]) * 60 + numbers[4]) * 60 + numbers[5]
        }

        private static func padded(_ number: Int, _ width: Int = 2) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
    }

    /// Samples a second, one of ``rates``.
    public var rate: Double
    /// The largest acceleration in g, one of ``ranges``.
    public var range: Int
    /// The largest rotation in °/s on an AX6, one of ``rotations``; 0 leaves the gyroscope off.
    public var rotation: Int
    /// When it begins; nil for at once.
    public var start: Time?
    /// When it ends; nil for when it is full or empty of power.
    public var stop: Time?
    /// A number that tells this recording from others.
    public var session: UInt32

    /// The rates that it has.
    public static let rates: [Double] = [25, 50, 100, 200, 400, 800]
    /// The ranges that it has, in g.
    public static let ranges = [2, 4, 8, 16]
    /// The ranges of the gyroscope of an AX6, in °/s.
    public static let rotations = [125, 250, 500, 1000, 2000]

    /// Settings.
    ///
    /// - Precondition: rate, range and rotation are some that it has.
    public init(
        rate: Double = 100, range: Int = 8, rotation: Int = 0, start: Time? = nil, stop: Time? = nil, session: UInt32
    ) {
        precondition(Self.rates.contains(rate) && Self.ranges.contains(range), "\(rate) Hz, ±\(range) g")
        precondition(rotation == 0 || Self.rotations.contains(rotation), "\(rotation) °/s")
        self.rate = rate
        self.range = range
        self.rotation = rotation
        self.start = start
        self.stop = stop
        self.session = session
    }

    /// The number by which it knows rate and range: rate 3200/2^(15 - bits 0 to 3), range 16 >> bits 6 and 7.
    public var rateCode: Int {
        var code = 15
        var rate = 3200.0
        while rate > self.rate {
            rate /= 2
            code -= 1
        }
        var range = 16
        while range > self.range {
            range /= 2
            code += 1 << 6
        }
        return code
    }

    /// A line that is sent, and what the answer must begin with.
    struct Command: Hashable, Sendable {
        var line: String
        var answer: String
        /// The numbers that the answer must begin with behind that; empty where anything will do.
        var numbers: [Int] = []

        /// Whether an answer says that it was done as asked.
        func isDone(_ reply: String) -> Bool {
            let found = reply.dropFirst(answer.count).split(whereSeparator: { !$0.isNumber }).compactMap { Int($0) }
            return found.count >= numbers.count && Array(found.prefix(numbers.count)) == numbers
        }
    }

    /// What sets it up: the recording that is on it is gone afterwards.
    var commands: [Command] {
        [
            Command(
                line: "RATE \(rateCode)" + (rotation > 0 ? ",\(rotation)" : ""), answer: "RATE=", numbers: [rateCode]),
            Self.moment("HIBERNATE", start, otherwise: "0"), Self.moment("STOP", stop, otherwise: "-1"),
            Command(line: "SESSION \(session)", answer: "SESSION=", numbers: [Int(session)]), Self.format,
        ]
    }

    /// What empties it, and lets it record nothing.
    static let clearing = [
        Command(line: "HIBERNATE -1", answer: "HIBERNATE="), Command(line: "STOP -1", answer: "STOP="),
        Command(line: "SESSION 0", answer: "SESSION=", numbers: [0]), format,
    ]

    /// Empties its disk and writes the settings onto it; the disk goes and comes back.
    private static let format = Command(line: "FORMAT QC", answer: "FORMAT")

    private static func moment(_ word: String, _ time: Time?, otherwise: String) -> Command {
        guard let time else { return Command(line: "\(word) \(otherwise)", answer: "\(word)=") }
        return Command(
            line: "\(word) \(time)", answer: "\(word)=",
            numbers: time.description.split(whereSeparator: { !$0.isNumber }).compactMap { Int($0) })
    }
}
