// SPDX-License-Identifier: GPL-3.0-or-later

/// What to do with the transfers of a sensor as they come back; touches no libusb.
///
/// A connection ends only when every transfer is back, whatever ended it.
struct TransferRing: Hashable, Sendable {
    /// How a transfer came back.
    enum Status: Hashable, Sendable, CaseIterable {
        case completed
        case timedOut
        case cancelled
        case stalled
        case overflow
        case noDevice
        case failed
    }

    /// Why transfers end.
    enum End: Hashable, Sendable {
        /// The device is gone.
        case disconnected
        /// The endpoint stalled: to be cleared.
        case stalled
        /// The device sent more than was asked for.
        case babble
        /// Any other error of the bus.
        case failed
        /// The recorder asked for it: to stop, or because the sensor is silent.
        case asked
    }

    /// What to do next.
    enum Action: Hashable, Sendable {
        case resubmit
        /// Cancel all transfers that are under way; each comes back.
        case cancelOthers(End)
        /// Others are still to come back.
        case wait
        /// All are back.
        case finish(End)
    }

    /// Transfers that are not back.
    private(set) var inFlight: Int
    private var end: End?

    /// A ring of so many transfers, all submitted.
    init(transfers: Int) {
        precondition(transfers > 0, "a ring of \(transfers) transfers")
        inFlight = transfers
    }

    /// A transfer came back. Its bytes count, whatever its status.
    mutating func returned(_ status: Status) -> Action {
        precondition(inFlight > 0, "a transfer came back that was not under way")
        let reason: End? =
            switch status {
            case .completed, .timedOut: nil
            case .cancelled: .asked
            case .stalled: .stalled
            case .overflow: .babble
            case .noDevice: .disconnected
            case .failed: .failed
            }
        if end == nil, reason == nil { return .resubmit }
        inFlight -= 1
        guard let earlier = end else {
            let reason = reason ?? .asked
            end = reason
            return inFlight == 0 ? .finish(reason) : .cancelOthers(reason)
        }
        // That the device is gone outdoes all other reasons: there is nothing to clear or reset.
        let final = reason == .disconnected ? .disconnected : earlier
        end = final
        return inFlight == 0 ? .finish(final) : .wait
    }

    /// A transfer that came back could not be submitted again.
    mutating func refused(_ status: Status) -> Action {
        returned(status == .completed || status == .timedOut ? .failed : status)
    }

    /// Ends the ring; `finish` follows from the last transfer, or at once if none is under way.
    mutating func stop() -> Action {
        if let end { return inFlight == 0 ? .finish(end) : .wait }
        end = .asked
        return inFlight == 0 ? .finish(.asked) : .cancelOthers(.asked)
    }
}
