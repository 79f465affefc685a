// SPDX-License-Identifier: GPL-3.0-or-later

/// The leg that a sensor was worn on.
public enum Leg: String, Hashable, Sendable, CaseIterable {
    case left = "L"
    case right = "R"
}
