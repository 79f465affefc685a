// SPDX-License-Identifier: GPL-3.0-or-later
internal import Glibc

/// The analysed nights of one person in calendar order: what every model reads.
public struct NightSeries: Hashable, Sendable {
    /// The calendar day of each night; a missing night is a step of more than one.
    public let days: [Int]
    /// The movements of each night.
    public let counts: [Int]
    /// The analysed hours of each night.
    public let hours: [Double]

    /// - Precondition: as many counts and hours as days, days rising, counts not negative, hours above 0.
    public init(days: [Int], counts: [Int], hours: [Double]) {
        precondition(
            days.count == counts.count && days.count == hours.count,
            "\(days.count) days, \(counts.count) counts, \(hours.count) hours")
        precondition(zip(days, days.dropFirst()).allSatisfy { $0 < $1 }, "the days do not rise")
        precondition(counts.allSatisfy { $0 >= 0 } && hours.allSatisfy { $0 > 0 }, "a count below 0, or no hours")
        self.days = days
        self.counts = counts
        self.hours = hours
    }

    /// How many nights there are.
    public var count: Int { days.count }

    /// The movements per hour of each night.
    public var rates: [Double] { zip(counts, hours).map { Double($0) / $1 } }

    /// log((movements + ½) / hours) of each night.
    public var logRates: [Double] { zip(counts, hours).map { log((Double($0) + 0.5) / $1) } }

    /// The nights at some positions.
    public func at(_ positions: [Int]) -> NightSeries {
        NightSeries(
            days: positions.map { days[$0] }, counts: positions.map { counts[$0] }, hours: positions.map { hours[$0] })
    }

    /// All movements over all hours.
    public var pooledRate: Double { Double(counts.reduce(0, +)) / hours.reduce(0, +) }
}
