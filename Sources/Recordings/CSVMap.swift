// SPDX-License-Identifier: GPL-3.0-or-later

/// What the columns of a text recording are, said by a person where they cannot be found out.
///
/// `time=Zeit,x=2,y=3,z=4,unit=m/s2`: columns by name or by number from 1. Without a column of times `rate=100,start=2026-03-01
/// 22:10:00` places the rows. `dates=dmy` or `mdy` orders dates with slashes, `skip=2` passes lines over, `leg=L` names the leg.
public struct CSVMap: Hashable, Sendable {
    /// Why a text is no map.
    public struct Problem: Error, CustomStringConvertible {
        /// What is wrong, in one sentence.
        public let description: String
    }

    /// The columns by what they hold: `time`, `date`, `x`, `y`, `z`, `gx`, `gy`, `gz`.
    private(set) var columns: [String: String] = [:]
    private(set) var unit: Quantity?
    private(set) var rotationUnit: Quantity?
    private(set) var rate: Double?
    private(set) var start: Double?
    private(set) var dates: TimeStamp.DateOrder?
    private(set) var skip = 0
    private(set) var leg: Leg?

    static let accelerationAxes = ["x", "y", "z"]
    static let rotationAxes = ["gx", "gy", "gz"]
    private static let columnKeys = ["time", "date"] + accelerationAxes + rotationAxes

    /// Reads a map from its text.
    public init(_ text: String) throws(Problem) {
        for part in text.split(separator: ",") {
            let pair = part.split(separator: "=", maxSplits: 1)
            guard pair.count == 2 else { throw Problem(description: "'\(part)' is no key=value.") }
            try take(pair[0].lowercased(), String(pair[1]))
        }
        guard Self.accelerationAxes.allSatisfy({ columns[$0] != nil }) else {
            throw Problem(description: "It names no columns for all of x, y and z.")
        }
        let rotations = Self.rotationAxes.filter { columns[$0] != nil }.count
        guard rotations == 0 || rotations == 3 else {
            throw Problem(description: "Of gx, gy and gz it names only \(rotations).")
        }
        guard (columns["time"] != nil) != (rate != nil) else {
            throw Problem(description: "It needs either time=COLUMN, or rate=HZ and start=TIME.")
        }
    }

    private mutating func take(_ key: String, _ value: String) throws(Problem) {
        func refuse(_ what: String) -> Problem { Problem(description: "\(key)=\(value): \(what).") }
        switch key {
        case "unit":
            guard let found = Quantity(unit: value), found.kind == .acceleration else {
                throw refuse("use g, mg or m/s2")
            }
            unit = found
        case "gyro-unit":
            guard let found = Quantity(unit: value), found.kind == .rotation else {
                throw refuse("use deg/s or rad/s")
            }
            rotationUnit = found
        case "rate":
            guard let found = Double(value), (0.001...100_000).contains(found) else {
                throw refuse("it is no number of samples a second")
            }
            rate = found
        case "start":
            guard let found = TimeStamp.seconds(value[...]) else {
                throw refuse("it is no time such as 2026-03-01 22:10:00")
            }
            start = found
        case "dates":
            guard let found = TimeStamp.DateOrder(rawValue: value) else { throw refuse("use dmy or mdy") }
            dates = found
        case "skip":
            guard let found = Int(value), (0...100_000).contains(found) else {
                throw refuse("it is no number of lines")
            }
            skip = found
        case "leg":
            guard let found = Leg(rawValue: value.uppercased()) else { throw refuse("use L or R") }
            leg = found
        default:
            guard Self.columnKeys.contains(key) else {
                throw refuse(
                    "known are \(Self.columnKeys.joined(separator: ", ")), unit, gyro-unit, rate, start, dates, skip, leg"
                )
            }
            columns[key] = value
        }
    }
}
