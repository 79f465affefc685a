// SPDX-License-Identifier: GPL-3.0-or-later
public import Recordings

/// What a mark says to the rules, by its words: those of EDF+, of the National Sleep Research Resource, of Profusion, of Luna, and
/// of nattro's own export.
public enum MarkMeaning: Hashable, Sendable {
    /// A movement: of one leg, of both, or (nil) of one that is not named.
    case movement(MarkedLegs?, LegMovement.Exclusion?)
    /// An epoch's stage.
    case stage(SleepStage)
    /// Sleep or wake as it was estimated, not scored.
    case estimatedStage(SleepStage)
    case arousal
    case respiratory
    /// Missing data: of one leg, or (nil) of all.
    case gap(Leg?)
    case lightsOut
    case lightsOn

    /// The leg or legs that a mark names.
    public enum MarkedLegs: Hashable, Sendable {
        case one(Leg)
        case both

        /// The legs.
        public var legs: [Leg] {
            switch self {
            case .one(let leg): [leg]
            case .both: Leg.allCases
            }
        }
    }

    /// What an annotation says; nil where it says nothing to the rules.
    public init?(_ annotation: RecordingAnnotation) {
        let words = Self.words(annotation.text)
        guard !words.isEmpty else { return nil }
        if let stage = Self.stage(words) {
            self = stage
        } else if let event = Self.event(words) {
            self = event
        } else if let movement = Self.movement(words, channel: annotation.channel) {
            self = movement
        } else {
            return nil
        }
    }

    /// The words of a label in small letters; a question mark is a word.
    private static func words(_ text: String) -> [String] {
        text.lowercased().split { !$0.isLetter && !$0.isNumber && $0 != "?" }.map(String.init)
    }

    // MARK: - Stages

    private static let stages: [String: SleepStage] = [
        "w": .wake, "wake": .wake, "awake": .wake, "s0": .wake, "n1": .n1, "nrem1": .n1, "s1": .n1, "n2": .n2,
        "nrem2": .n2,
        "s2": .n2, "n3": .n3, "nrem3": .n3, "s3": .n3, "n4": .n3, "nrem4": .n3, "s4": .n3, "r": .rem, "rem": .rem,
        "unscored": .unscored, "?": .unscored,
    ]
    /// What follows "stage", as numbers too.
    private static let numbered: [String: SleepStage] = [
        "0": .wake, "1": .n1, "2": .n2, "3": .n3, "4": .n3, "5": .rem, "6": .unscored, "9": .unscored, "m": .unscored,
        "mt": .unscored, "u": .unscored, "unknown": .unscored, "n": .sleep,
    ]

    private static func stage(_ words: [String]) -> MarkMeaning? {
        if words == ["estimated", "sleep"] { return .estimatedStage(.sleep) }
        if words == ["estimated", "wake"] { return .estimatedStage(.wake) }
        // "Stage 2 sleep|2", "REM sleep|5", "Wake|0", "Movement|6": a name, and behind it its number.
        let named = words.filter { $0 != "sleep" && $0 != "stage" }
        if words.contains("stage") || words.count > named.count || named.count == 2, let first = named.first,
            named.count == 1
                || (named.count == 2 && numbered[named[1]] != nil && (stages[first] ?? numbered[first]) != nil)
        {
            let isStage = words.contains("stage") || words.contains("sleep") || stages[first] != nil
            if isStage, let stage = stages[first] ?? (words.contains("stage") ? numbered[first] : nil) {
                return .stage(stage)
            }
        }
        if words.count == 1, let stage = stages[words[0]] { return .stage(stage) }
        return words == ["movement", "6"] || words == ["movement", "time"] ? .stage(.unscored) : nil
    }

    // MARK: - Events

    private static func event(_ words: [String]) -> MarkMeaning? {
        switch words {
        case ["recording", "gap"]: return .gap(nil)
        case ["lights", "out"], ["lights", "off"], ["lightsout"], ["lightsoff"]: return .lightsOut
        case ["lights", "on"], ["lightson"]: return .lightsOn
        default: break
        }
        guard !words.contains(where: { $0 == "artifact" || $0 == "desaturation" || $0 == "unsure" }) else { return nil }
        // An arousal from a movement, or from breathing, is an arousal and nothing else.
        if words.contains(where: { $0 == "arousal" || $0 == "arousals" || $0 == "mchange" || $0 == "microarousal" }) {
            return .arousal
        }
        let breathing = ["apnea", "apnoea", "hypopnea", "hypopnoea"]
        if words.contains(where: { word in word == "rera" || breathing.contains { word.contains($0) } }) {
            return .respiratory
        }
        return nil
    }

    // MARK: - Movements

    private static let movementWords: Set = ["lm", "lms", "clm", "clms", "plm", "plms", "plmw", "lmw"]
    private static let sidedWords: [String: MarkedLegs] = [
        "lml": .one(.left), "lmr": .one(.right), "lmb": .both, "plml": .one(.left), "plmr": .one(.right), "plmb": .both,
        "llm": .one(.left), "rlm": .one(.right), "blm": .both,
    ]

    private static func movement(_ words: [String], channel: String?) -> MarkMeaning? {
        let side = Self.side(words) ?? channel.flatMap(LegChannel.leg).map { .one($0) }
        if words.first == "gap" || words.first == "nonwear" {
            guard case .one(let leg) = side else { return .gap(nil) }
            return .gap(leg)
        }
        if let exclusion = words.first.flatMap(LegMovement.Exclusion.init(rawValue:)),
            words.dropFirst().allSatisfy({ Self.sides[$0] != nil })
        {
            // A motion of the bed, or an echo of the other leg, is none of the leg's: it ends no series.
            return exclusion == .artefact ? nil : .movement(side, exclusion)
        }
        if let sided = words.lazy.compactMap({ sidedWords[$0] }).first { return .movement(sided, nil) }
        let isMovement =
            words.contains(where: movementWords.contains)
            || (words.contains { $0.hasPrefix("movement") }
                && words.contains { ["leg", "legs", "limb", "limbs"].contains($0) })
        return isMovement ? .movement(side, nil) : nil
    }

    private static let sides: [String: MarkedLegs] = [
        "left": .one(.left), "l": .one(.left), "lt": .one(.left), "right": .one(.right), "r": .one(.right),
        "rt": .one(.right), "both": .both, "bilateral": .both, "b": .both,
    ]

    private static func side(_ words: [String]) -> MarkedLegs? {
        let found = Set(words.compactMap { sides[$0] })
        if found.contains(.both) || found.count > 1 { return .both }
        return found.first
    }
}
