// SPDX-License-Identifier: GPL-3.0-or-later

/// How much magnesium stands behind each night: before lights-out, as the mean of a week, and as a fading sum. Nil is unknown.
///
/// Mixing forms is the caller's choice: everything is in elemental milligrams, and no form is weighed more than another.
public struct Exposure: Hashable, Sendable {
    /// The night.
    public var night: CivilDay
    /// What was swallowed in the 12 h up to lights-out; nil without lights-out, or where the night is unknown.
    public var sameEveningMg: Double?
    /// The mean of the seven nights that end with this one; nil unless all of them are known.
    public var trailingMeanMg: Double?
    /// How many of those seven nights are known.
    public var knownNights: Int
    /// The exponentially fading mean at this night; nil from an unknown night on, until it has faded.
    public var fadingMg: Double?
    /// The night's sum, noon to noon.
    public var nightMg: Double?
    /// The night's sum by form.
    public var mgByForm: [String: Double]

    /// The exposures of a span of nights.
    ///
    /// - Parameter bedtimes: when the lights went out, for the same-evening dose.
    /// - Parameter halfLife: nights until half of the fading mean is of older nights; declared beforehand, never fitted.
    public static func nights(
        _ nights: ClosedRange<CivilDay>, doses: [Dose], complete: ClosedRange<CivilDay>? = nil,
        bedtimes: [CivilDay: DoseLog.Bedtime] = [:], halfLife: Double? = nil
    ) -> [Exposure] {
        let reference = ReferenceData.current
        let nightly = NightlyDoses(doses, complete: complete)
        let evening = reference.whole(.sameEvening) * 3600
        let window = reference.whole(.trailingNights)
        var fading = FadingMean(halfLife: halfLife ?? reference[.exposureHalfLife])
        // The fading mean begins with what is known, which may be long before the first night asked for.
        for day in nightly.knownNights.first.map({
            $0.daysSince1970..<max($0.daysSince1970, nights.lowerBound.daysSince1970)
        }) ?? 0..<0 {
            fading.add(nightly.mg(CivilDay(daysSince1970: day)))
        }
        let timed = Dictionary(grouping: doses.filter { $0.countedMg > 0 && $0.instant != nil }) { $0.night }
        return (nights.lowerBound.daysSince1970...nights.upperBound.daysSince1970).map { number in
            let night = CivilDay(daysSince1970: number)
            let known = (0..<window).compactMap { nightly.mg(night - $0) }
            fading.add(nightly.mg(night))
            let lights = nightly.mg(night) == nil ? nil : bedtimes[night]?.lightsOut
            // Twelve hours before the lights went out may lie in the noon-day before.
            let near = (timed[night - 1] ?? []) + (timed[night] ?? [])
            let acute = lights.map { lights in
                near.reduce(0.0) { sum, dose in
                    guard let instant = dose.instant, instant <= lights, instant > lights - evening else { return sum }
                    return sum + dose.countedMg
                }
            }
            return Exposure(
                night: night, sameEveningMg: acute.map(DoseRules.tidy),
                trailingMeanMg: known.count == window ? DoseRules.tidy(known.reduce(0, +) / Double(window)) : nil,
                knownNights: known.count, fadingMg: fading.value, nightMg: nightly.mg(night),
                mgByForm: nightly.mgByForm(night))
        }
    }
}

/// A mean in which each night counts for less with every night after it: E = k·E + (1 − k)·dose, with k = 2^(−1 / half-life), from 0 on.
struct FadingMean {
    /// The share that yesterday's mean keeps.
    private let kept: Double
    private var mean = 0.0
    /// The share of today's mean that unknown nights have.
    private var unknown = 0.0

    init(halfLife: Double) {
        kept = halfLife > 0 ? Power.two(-1 / halfLife) : 0
    }

    /// Goes on by a night; nil is an unknown dose.
    mutating func add(_ mg: Double?) {
        mean = kept * mean + (1 - kept) * (mg ?? 0)
        unknown = kept * unknown + (mg == nil ? 1 - kept : 0)
    }

    /// The mean after the nights so far; nil while unknown nights have so large a share of it that they may hide much.
    var value: Double? { unknown > ReferenceData.current[.fadingUnknownShare] ? nil : DoseRules.tidy(mean) }
}
