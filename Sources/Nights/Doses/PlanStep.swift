// SPDX-License-Identifier: GPL-3.0-or-later

/// What the person planned to take from a night on. The plan is always the person's own, never the program's.
public struct PlanStep: Hashable, Sendable, Codable {
    /// The first night.
    public var from: CivilDay
    /// The planned elemental milligrams a night.
    public var targetMg: Double
    /// The planned form's name in the reference data; nil if any.
    public var form: String?
    /// With whom it was planned.
    public var setWith: SetWith?
    /// What the person noted; empty if nothing.
    public var note: String

    /// A step by its parts.
    public init(from: CivilDay, targetMg: Double, form: String? = nil, setWith: SetWith? = nil, note: String = "") {
        self.from = from
        self.targetMg = targetMg
        self.form = form
        self.setWith = setWith
        self.note = note
    }

    /// With whom a plan was made.
    public enum SetWith: String, Hashable, Sendable, Codable {
        case provider
        case `self`
    }
}
