// SPDX-License-Identifier: GPL-3.0-or-later

/// What the person wrote about one night. Nil, or empty, is unknown: never "no", never zero.
public struct DiaryNight: Hashable, Sendable, Codable {
    /// The evening's date.
    public var night: CivilDay
    /// When the lights went out, on the local clock.
    public var lightsOut: DayTime?
    /// When the person woke up for the day.
    public var wakeUp: DayTime?
    /// The urge to move the legs, 0 to 10, overall.
    public var urge: Int?
    /// The urge in the evening before bed, 0 to 10.
    public var urgeEvening: Int?
    /// The urge during the night, 0 to 10.
    public var urgeNight: Int?
    /// When the urge first appeared.
    public var firstSymptom: FirstSymptom?
    /// Whether it was worse when resting.
    public var worseAtRest: YesNoUnsure?
    /// Whether moving helped.
    public var reliefByMovement: Relief?
    /// The urge while sitting or lying still, 0 to 10.
    public var rest: Int?
    /// How it felt: tingling, crawling, throbbing, aching, other.
    public var sensations: [String]
    /// How the sleep was, 0 to 10.
    public var sleepQuality: Int?
    /// How often the person woke up.
    public var awakenings: Int?
    /// The last caffeine of the day.
    public var caffeineLast: DayTime?
    /// The day's caffeine in milligrams.
    public var caffeineMg: Double?
    /// Alcohol, in units of 10 g.
    public var alcoholUnits: Double?
    /// Whether there was nicotine.
    public var nicotine: Bool?
    /// Minutes of exercise.
    public var exerciseMinutes: Double?
    /// When the exercise ended.
    public var exerciseEnd: DayTime?
    /// Whether an antihistamine was taken.
    public var antihistamine: Bool?
    /// Whether a medicine for restless legs was changed.
    public var rlsMedicineChanged: Bool?
    /// Whether another medicine was changed.
    public var otherMedicineChanged: Bool?
    /// Whether the person was ill.
    public var illness: Bool?
    /// Whether the person had travelled across time zones.
    public var travel: Bool?
    /// Whether somebody shared the bed.
    public var bedPartnerOrPet: Bool?
    /// Whether the day was out of the ordinary.
    public var unusualDay: Bool?
    /// How digestion was.
    public var stool: Stool?
    /// Digestive upset, 0 to 3.
    public var digestiveUpset: Int?
    /// Irritated skin, 0 to 3.
    public var skin: Int?
    /// Signs of the reference data's list that need care at once, as entered.
    public var redFlags: [String]
    /// Weekly: the legs compared with before, 1 (much worse) to 7 (much better).
    public var change: Int?
    /// A total from an instrument that the person filled in elsewhere, 0 to 40.
    public var irlsTotal: Int?
    /// Another effect, in the person's words; empty if none.
    public var otherEffect: String
    /// What the person noted; empty if nothing.
    public var note: String
    /// When the row was filled in; nil if not said.
    public var enteredAt: UTCInstant?
    /// The columns that the program does not know, kept word for word in their order.
    public var extra: [ExtraField]

    /// A night of which nothing is known yet.
    public init(night: CivilDay) {
        self.night = night
        sensations = []
        redFlags = []
        otherEffect = ""
        note = ""
        extra = []
    }

    /// When the urge first appeared on the clock, or that it did not.
    public enum FirstSymptom: Hashable, Sendable, Codable {
        case none
        case at(DayTime)
    }

    /// An answer about rest.
    public enum YesNoUnsure: String, Hashable, Sendable, Codable, CaseIterable {
        case yes, no, unsure
    }

    /// Whether moving helped.
    public enum Relief: String, Hashable, Sendable, Codable, CaseIterable {
        case yes, partly, no
    }

    /// How digestion was.
    public enum Stool: String, Hashable, Sendable, Codable, CaseIterable {
        case none, normal, loose, watery
    }
}
