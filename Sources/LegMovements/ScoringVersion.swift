// SPDX-License-Identifier: GPL-3.0-or-later

/// The version of detection and rules together, apart from the program's: within one, the same recording, rules and parameters
/// give the same numbers. A change that moves any number of any night takes the next.
public enum ScoringVersion {
    /// The version that this program scores by.
    public static let current = 1
}
