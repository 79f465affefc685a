// SPDX-License-Identifier: GPL-3.0-or-later

/// The nights of one condition, described.
public struct PhaseSummary: Hashable, Sendable {
    /// Whether it is the condition with magnesium.
    public let isActive: Bool
    /// The nights that the design planned for it.
    public let planned: Int
    /// The usable nights, transition nights among them.
    public let usable: Int
    /// The usable nights left out as transition.
    public let transition: Int
    /// The nights that are compared.
    public let compared: Int
    /// All movements in the compared nights.
    public let movements: Int
    /// All movements over all hours; 0 without nights.
    public let rate: Double
    /// The median of the nights' rates.
    public let medianRate: Double
    /// The standard deviation of the nights' rates over their mean; nil with fewer than two nights, or without movements.
    public let variation: Double?
    /// The mean analysed hours of a night.
    public let meanHours: Double
    /// The median threshold in effect, in mg.
    public let medianThreshold: Double?
    /// The median noise floor, in mg.
    public let medianNoise: Double?
    /// The means of what was noted beside, by name.
    public let covariateMeans: [String: Double]
    /// The mean urge in the evening, and of how many nights.
    public let eveningUrge: Mean?
    /// The mean urge in the night.
    public let nightUrge: Mean?
    /// The mean time of the first symptom, in hours after noon.
    public let firstSymptom: Mean?

    /// A mean, and of how many nights.
    public struct Mean: Hashable, Sendable {
        /// The mean.
        public let value: Double
        /// The nights on which it was noted.
        public let nights: Int

        init?(_ values: [Double]) {
            guard !values.isEmpty else { return nil }
            value = values.mean
            nights = values.count
        }
    }

    /// The share of planned nights that are not usable.
    public var missingShare: Double { planned > 0 ? Double(planned - usable) / Double(planned) : 0 }

    init(isActive: Bool, planned: Int, usable: [ComparedNight], compared: [ComparedNight]) {
        self.isActive = isActive
        self.planned = planned
        self.usable = usable.count
        transition = usable.count - compared.count
        self.compared = compared.count
        movements = compared.reduce(0) { $0 + $1.movements }
        let hours = compared.reduce(0) { $0 + $1.hours }
        let rates = compared.map { Double($0.movements) / $0.hours }
        rate = hours > 0 ? Double(movements) / hours : 0
        medianRate = rates.isEmpty ? 0 : rates.median
        variation = rates.count > 1 && movements > 0 ? rates.sampleVariance.squareRoot() / rates.mean : nil
        meanHours = compared.isEmpty ? 0 : hours / Double(compared.count)
        func median(_ values: [Double]) -> Double? { values.isEmpty ? nil : values.median }
        medianThreshold = median(compared.compactMap(\.effectiveThreshold))
        medianNoise = median(compared.compactMap(\.noiseFloor))
        var means: [String: Double] = [:]
        for name in Set(compared.flatMap(\.covariates.keys)) {
            means[name] = compared.compactMap { $0.covariates[name] }.mean
        }
        covariateMeans = means
        eveningUrge = Mean(compared.compactMap(\.eveningUrge))
        nightUrge = Mean(compared.compactMap(\.nightUrge))
        firstSymptom = Mean(compared.compactMap(\.firstSymptom))
    }
}
