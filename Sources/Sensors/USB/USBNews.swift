// SPDX-License-Identifier: GPL-3.0-or-later

/// News of the USB thread on their way through the ``PacketRing``: a code and a text.
enum USBNews: Hashable, Sendable {
    case found(serial: String, driver: Int)
    case information([UInt8])
    case lost(LossReason)
    /// Nothing came for a while on a port without frame numbers, and now something does.
    case interrupted
    case trouble(SensorTrouble, String)
    /// There is no USB on this host at all.
    case noUSB(String)

    var encoded: [UInt8] {
        switch self {
        case .found(let serial, let driver): [0, UInt8(driver)] + serial.utf8
        case .information(let bytes): [1] + bytes
        case .lost(let reason): [2] + reason.rawValue.utf8
        case .trouble(let trouble, let text): [3] + trouble.rawValue.utf8 + [0] + text.utf8
        case .noUSB(let text): [4] + text.utf8
        case .interrupted: [5]
        }
    }

    init?(_ bytes: [UInt8]) {
        guard let code = bytes.first else { return nil }
        let rest = bytes.dropFirst()
        func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
        switch code {
        case 0:
            guard let driver = rest.first else { return nil }
            self = .found(serial: text(rest.dropFirst()), driver: Int(driver))
        case 1: self = .information(Array(rest))
        case 2:
            guard let reason = LossReason(rawValue: text(rest)) else { return nil }
            self = .lost(reason)
        case 3:
            let parts = rest.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let trouble = SensorTrouble(rawValue: text(parts[0])) else { return nil }
            self = .trouble(trouble, text(parts[1]))
        case 4: self = .noUSB(text(rest))
        case 5: self = .interrupted
        default: return nil
        }
    }
}
