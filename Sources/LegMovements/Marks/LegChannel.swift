// SPDX-License-Identifier: GPL-3.0-or-later
public import Recordings

/// The names that sleep laboratories and the cohorts of the National Sleep Research Resource give to the channels of leg muscles.
public enum LegChannel {
    /// The leg of an electromyogram's channel by its label; nil for any other channel, and for one that names no side.
    ///
    /// `LAT`, `RAT`, `EMG LAT`, `L Leg`, `Leg R`, `Leg/L`, `LLEG1-LLEG2`, `PLMl`, `L-Tib`, `EMG Tib ant right`, `LeftLeg`: a word for the leg
    /// and one for the side, or a word for both. A single electrode of a pair (`LLEG1`) counts as its leg's.
    public static func leg(_ label: String) -> Leg? {
        let words = words(of: label)
        guard !words.contains(where: otherParts.contains) else { return nil }
        let known = words.compactMap { wholes[$0] }
        if let first = known.first { return known.allSatisfy { $0 == first } ? first : nil }
        guard words.contains(where: legWords.contains) else { return nil }
        let sides = words.compactMap { Self.sides[$0] }
        guard let first = sides.first else { return nil }
        return sides.allSatisfy { $0 == first } ? first : nil
    }

    /// Whether the label names a leg, with or without a side.
    public static func isLeg(_ label: String) -> Bool {
        leg(label) != nil || words(of: label).contains(where: legWords.contains)
    }

    /// Small letters; words end at other signs, at numbers, and where a capital follows a small letter.
    private static func words(of label: String) -> [String] {
        var words = [""]
        var previous: Character = " "
        for character in label {
            if !character.isLetter {
                words.append("")
            } else {
                if character.isUppercase && previous.isLowercase { words.append("") }
                words[words.count - 1].append(Character(character.lowercased()))
            }
            previous = character
        }
        return words.filter { !$0.isEmpty }
    }

    private static let legWords: Set = [
        "leg", "legs", "tib", "tibial", "tibialis", "anterior", "plm", "plms", "limb", "ta", "at",
    ]
    private static let otherParts: Set = ["arm", "chin", "hand", "wrist", "eye", "ecg", "ekg", "acc", "gyr", "pos"]
    private static let sides: [String: Leg] = [
        "l": .left, "left": .left, "lt": .left, "links": .left, "li": .left, "r": .right, "right": .right, "rt": .right,
        "rechts": .right, "re": .right,
    ]
    private static let wholes: [String: Leg] = [
        "lat": .left, "lleg": .left, "legl": .left, "leftleg": .left, "plml": .left, "ltib": .left, "tibl": .left,
        "lta": .left,
        "ltibialis": .left, "llegemg": .left, "rat": .right, "rleg": .right, "legr": .right, "rightleg": .right,
        "plmr": .right, "rtib": .right, "tibr": .right, "rta": .right, "rtibialis": .right, "rlegemg": .right,
    ]
}
