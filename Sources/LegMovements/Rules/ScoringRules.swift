// SPDX-License-Identifier: GPL-3.0-or-later

/// The numbers and switches that decide which movements count, and which of them are periodic. All times in ms.
public struct ScoringRules: Hashable, Sendable {
    /// Which body's way of counting applies.
    public enum Standard: Hashable, Sendable {
        /// All movements of sleep and wake are walked; one that is no candidate breaks a series.
        case wasm
        /// Only movements in sleep are walked; one that does not qualify is as if it were not there.
        case aasm
    }

    /// When movements of the two legs are one movement.
    public enum LegCombination: Hashable, Sendable {
        /// They overlap, or the later starts less than `gap` after the end of the earlier; chains are one movement.
        ///
        /// Longer than `maximumDuration`, or of more than `maximumParts` (nil: any number), it is no candidate.
        case byOverlap(gap: Milliseconds, maximumDuration: Milliseconds, maximumParts: Int?)
        /// They start less than this apart, counted from the first onset; chains are not followed.
        case byOnset(within: Milliseconds)
    }

    /// What an interval below the shortest of a series does.
    public enum ShortInterval: Hashable, Sendable {
        /// It ends the series.
        case endsSeries
        /// Its movement is skipped: the next interval counts from the last movement kept.
        case isSkipped
    }

    /// Which candidates may start a series.
    public enum SeriesStart: Hashable, Sendable {
        /// Any.
        case anyCandidate
        /// One with no movement of any kind that began within the shortest interval before it.
        case afterPause
    }

    /// Which time about a respiratory event makes a movement respiratory; both borders belong to it.
    public enum RespiratoryWindow: Hashable, Sendable {
        /// From `before` ahead of the event's end to `after` behind it.
        case aroundEnd(before: Milliseconds, after: Milliseconds)
        /// The event with a margin on both sides.
        case aroundEvent(margin: Milliseconds)
    }

    /// The profile's name, printed with every number.
    public var name: String
    /// Whose way of counting it is.
    public var standard: Standard
    /// The shortest leg movement.
    public var minimumDuration: Milliseconds = 500
    /// The rest that ends a leg movement: less than this between two of one leg, and they are one.
    public var minimumRest: Milliseconds = 500
    /// The longest movement of one leg that is a candidate.
    public var maximumDuration: Milliseconds = 10_000
    /// When movements of the two legs are one.
    public var combination: LegCombination
    /// The onset-to-onset intervals that keep a series going.
    public var interval: ClosedRange<Milliseconds>
    /// What a shorter interval does.
    public var shortInterval: ShortInterval
    /// Which candidates may start a series.
    public var seriesStart: SeriesStart
    /// The fewest candidates of a series.
    public var minimumCount = 4
    /// Which time about a respiratory event makes a movement respiratory.
    public var respiratoryWindow: RespiratoryWindow
    /// A movement and an arousal belong together if they overlap or less than this lies between them.
    public var arousalGap: Milliseconds = 500

    /// The World Association of Sleep Medicine's rules of 2016 (Sleep Med 2016;26:86-95).
    ///
    /// A candidate within 10 s of another movement starts no series, as the authors' own program has it.
    public static let wasm2016 = ScoringRules(
        name: "wasm2016", standard: .wasm,
        combination: .byOverlap(gap: 500, maximumDuration: 15_000, maximumParts: 4),
        interval: 10_000...90_000, shortInterval: .endsSeries, seriesStart: .afterPause,
        respiratoryWindow: .aroundEnd(before: 2_000, after: 10_250))

    /// The rules of 2016 where any candidate may start a series, as other programs read them.
    public static let wasm2016Lenient = ScoringRules(
        name: "wasm2016_lenient", standard: .wasm, combination: wasm2016.combination, interval: wasm2016.interval,
        shortInterval: .endsSeries, seriesStart: .anyCandidate, respiratoryWindow: wasm2016.respiratoryWindow)

    /// The World Association of Sleep Medicine's rules of 2006 (Zucconi et al., Sleep Med 2006;7:175-183).
    public static let wasm2006 = ScoringRules(
        name: "wasm2006", standard: .wasm,
        combination: .byOverlap(gap: 500, maximumDuration: 15_000, maximumParts: nil),
        interval: 5_000...90_000, shortInterval: .isSkipped, seriesStart: .anyCandidate,
        respiratoryWindow: wasm2016.respiratoryWindow)

    /// The American Academy of Sleep Medicine's manual, version 2: sleep only, shorter intervals are skipped.
    public static let aasm = ScoringRules(
        name: "aasm", standard: .aasm, combination: .byOnset(within: 5_000), interval: 5_000...90_000,
        shortInterval: .isSkipped, seriesStart: .anyCandidate, respiratoryWindow: .aroundEvent(margin: 500))

    /// The American Academy of Sleep Medicine's manual, version 2, read so that a shorter interval ends the series.
    public static let aasmBreak = ScoringRules(
        name: "aasm_break", standard: .aasm, combination: aasm.combination, interval: aasm.interval,
        shortInterval: .endsSeries, seriesStart: .anyCandidate, respiratoryWindow: aasm.respiratoryWindow)

    /// All profiles, the default first.
    public static let profiles = [wasm2016, wasm2016Lenient, wasm2006, aasm, aasmBreak]
}
