// SPDX-License-Identifier: GPL-3.0-or-later

/// Something that happened with a medicine: it was taken, started, stopped or changed.
public struct Medicine: Hashable, Sendable, Codable {
    /// The medicine's name, as entered.
    public var name: String
    /// Its class, as entered; empty if the person did not say.
    public var className: String
    /// What happened.
    public var action: Action
    /// When.
    public var time: DoseTime
    /// What the person noted; empty if nothing.
    public var note: String

    /// An event by its parts.
    public init(name: String, className: String = "", action: Action, time: DoseTime, note: String = "") {
        self.name = name
        self.className = className
        self.action = action
        self.time = time
        self.note = note
    }

    /// What happened with a medicine.
    public enum Action: String, Hashable, Sendable, Codable, CaseIterable {
        case taken, started, stopped, changed
    }
}
