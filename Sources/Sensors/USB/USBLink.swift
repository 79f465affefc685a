// SPDX-License-Identifier: GPL-3.0-or-later
internal import CLibUSB

/// The transfers of one open sensor. Lives on the thread that runs libusb; libusb keeps its address while transfers are under way.
@safe
final class USBLink {
    static let transferCount = 8
    static let transferSize = 512

    let sensor: Int
    let place: DevicePlace
    let handle: USBHandle
    let connection: SensorDriver.Connection
    var watchdog: Watchdog
    /// What was decided on silence, to be carried out when all transfers are back.
    var remedy: Watchdog.Remedy?

    private var ring = TransferRing(transfers: USBLink.transferCount)
    private let packets: PacketRing
    private let clock: HostClock
    private var transfers: [UnsafeMutablePointer<libusb_transfer>] = unsafe []
    private let buffers: UnsafeMutablePointer<UInt8>
    /// What the callback leaves to be done outside of it, in its order.
    private var pending: [TransferRing.Action] = []
    private var hasHeard = false

    init(
        _ sensor: Int, _ place: DevicePlace, _ handle: USBHandle, _ connection: SensorDriver.Connection,
        _ watchdog: Watchdog, _ packets: PacketRing, _ clock: HostClock
    ) {
        self.sensor = sensor
        self.place = place
        self.handle = handle
        self.connection = connection
        self.watchdog = watchdog
        self.packets = packets
        self.clock = clock
        unsafe buffers = .allocate(capacity: Self.transferCount * Self.transferSize)
        pending.reserveCapacity(2 * Self.transferCount)
        for index in 0..<Self.transferCount {
            guard let transfer = unsafe libusb_alloc_transfer(0) else {
                preconditionFailure("no memory for a transfer")
            }
            unsafe libusb_fill_bulk_transfer(
                transfer, handle.pointer, connection.input, buffers + index * Self.transferSize,
                Int32(Self.transferSize), transferReturned, Unmanaged.passUnretained(self).toOpaque(), 0)
            unsafe transfers.append(transfer)
        }
    }

    deinit {
        precondition(ring.inFlight == 0, "\(ring.inFlight) transfers are under way")
        for index in unsafe transfers.indices { unsafe libusb_free_transfer(transfers[index]) }
        unsafe buffers.deallocate()
    }

    /// Transfers that libusb still has.
    var inFlight: Int { ring.inFlight }

    /// Puts all transfers under way.
    func submitAll() -> TransferRing.End? {
        ring = TransferRing(transfers: Self.transferCount)
        var end: TransferRing.End?
        for index in unsafe transfers.indices {
            // After a failure the rest is not submitted, and counts as back.
            let code = end == nil ? unsafe libusb_submit_transfer(transfers[index]) : LIBUSB_ERROR_OTHER.rawValue
            guard code != 0 else { continue }
            if let finished = carryOut(ring.refused(Self.status(ofError: code))) { end = finished }
            if end == nil, ring.inFlight > 0 { end = .failed }
        }
        return ring.inFlight == 0 ? end ?? .failed : nil
    }

    /// Asks all transfers back.
    func stop() -> TransferRing.End? { carryOut(ring.stop()) }

    /// The callback of libusb: copies, puts the transfer under way again, and notes all else for ``settle(at:)``.
    fileprivate func take(_ transfer: UnsafeMutablePointer<libusb_transfer>) {
        let count = unsafe Int(transfer.pointee.actual_length)
        if count > 0 {
            unsafe packets.push(
                UnsafeRawBufferPointer(start: transfer.pointee.buffer, count: count), sensor: sensor,
                at: clock.now().bootTime)
            hasHeard = true
        }
        var action = ring.returned(Self.status(unsafe transfer.pointee.status))
        if action == .resubmit {
            let code = unsafe libusb_submit_transfer(transfer)
            guard code != 0 else { return }
            action = ring.refused(Self.status(ofError: code))
        }
        pending.append(action)
    }

    /// Does what callbacks left to do; how the ring ended, once all transfers are back.
    func settle(at now: UInt64) -> TransferRing.End? {
        if hasHeard {
            watchdog.heard(at: now)
            hasHeard = false
        }
        guard !pending.isEmpty else { return nil }
        let actions = pending
        pending.removeAll(keepingCapacity: true)
        return actions.reduce(nil) { end, action in carryOut(action) ?? end }
    }

    private func carryOut(_ action: TransferRing.Action) -> TransferRing.End? {
        switch action {
        case .resubmit, .wait: return nil
        case .cancelOthers:
            // Those that are back already say so; that is no failure.
            for index in unsafe transfers.indices { _ = unsafe libusb_cancel_transfer(transfers[index]) }
            return nil
        case .finish(let end): return end
        }
    }

    private static func status(_ status: libusb_transfer_status) -> TransferRing.Status {
        switch status {
        case LIBUSB_TRANSFER_COMPLETED: .completed
        case LIBUSB_TRANSFER_TIMED_OUT: .timedOut
        case LIBUSB_TRANSFER_CANCELLED: .cancelled
        case LIBUSB_TRANSFER_STALL: .stalled
        case LIBUSB_TRANSFER_OVERFLOW: .overflow
        case LIBUSB_TRANSFER_NO_DEVICE: .noDevice
        default: .failed
        }
    }

    private static func status(ofError code: Int32) -> TransferRing.Status {
        switch code {
        case LIBUSB_ERROR_NO_DEVICE.rawValue: .noDevice
        case LIBUSB_ERROR_PIPE.rawValue: .stalled
        default: .failed
        }
    }
}

/// What libusb calls when a transfer is back.
private func transferReturned(_ transfer: UnsafeMutablePointer<libusb_transfer>?) {
    guard let transfer = unsafe transfer, let data = unsafe transfer.pointee.user_data else { return }
    unsafe Unmanaged<USBLink>.fromOpaque(data).takeUnretainedValue().take(transfer)
}
