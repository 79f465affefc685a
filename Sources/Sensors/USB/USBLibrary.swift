// SPDX-License-Identifier: GPL-3.0-or-later
internal import CLibUSB
internal import Glibc

/// A context of libusb: sole owner. All calls are made on the thread that made it.
@safe
final class USBLibrary {
    /// A device that is plugged in; it stays valid while this value does.
    @safe
    final class Device {
        let pointer: OpaquePointer

        init(_ pointer: OpaquePointer) { unsafe self.pointer = unsafe libusb_ref_device(pointer) }

        deinit { unsafe libusb_unref_device(pointer) }

        var place: DevicePlace {
            unsafe DevicePlace(bus: libusb_get_bus_number(pointer), address: libusb_get_device_address(pointer))
        }
    }

    let context: OpaquePointer

    init() throws(SensorError) {
        var context: OpaquePointer?
        let code = unsafe libusb_init(&context)
        guard code == 0, let context = unsafe context else { throw SensorError(code, "start USB") }
        unsafe self.context = unsafe context
        _ = unsafe nattro_libusb_set_log_level(context, Int32(LIBUSB_LOG_LEVEL_NONE.rawValue))
    }

    deinit { unsafe libusb_exit(context) }

    /// Lets callbacks of transfers and hotplug run, for at most so many milliseconds.
    func handleEvents(milliseconds: Int) {
        var time = timeval(tv_sec: milliseconds / 1000, tv_usec: milliseconds % 1000 * 1000)
        // An interrupted or failed round is followed by the next one.
        _ = unsafe libusb_handle_events_timeout_completed(context, &time, nil)
    }

    /// The devices that are plugged in.
    func devices() -> [Device] {
        var list: UnsafeMutablePointer<OpaquePointer?>?
        let count = unsafe libusb_get_device_list(context, &list)
        guard let list = unsafe list, count >= 0 else { return [] }
        defer { unsafe libusb_free_device_list(list, 1) }
        return (0..<count).compactMap { unsafe list[$0].map { unsafe Device($0) } }
    }
}

extension USBLibrary.Device {
    /// What its descriptors say; nil where they cannot be read.
    func description() -> USBDescription? {
        var descriptor = libusb_device_descriptor()
        guard unsafe libusb_get_device_descriptor(pointer, &descriptor) == 0 else { return nil }
        var configuration: UnsafeMutablePointer<libusb_config_descriptor>?
        guard unsafe libusb_get_active_config_descriptor(pointer, &configuration) == 0,
            let configuration = unsafe configuration
        else { return nil }
        defer { unsafe libusb_free_config_descriptor(configuration) }
        let interfaces = unsafe UnsafeBufferPointer(
            start: configuration.pointee.interface, count: Int(configuration.pointee.bNumInterfaces))
        return USBDescription(
            vendor: descriptor.idVendor, product: descriptor.idProduct,
            interfaces: (0..<interfaces.count).compactMap { unsafe Self.interface(interfaces[$0]) })
    }

    private static func interface(_ interface: libusb_interface) -> USBDescription.Interface? {
        guard unsafe interface.num_altsetting > 0, let setting = unsafe interface.altsetting?.pointee else {
            return nil
        }
        let endpoints = unsafe UnsafeBufferPointer(start: setting.endpoint, count: Int(setting.bNumEndpoints))
        let bulk = UInt8(LIBUSB_ENDPOINT_TRANSFER_TYPE_BULK.rawValue)
        var addresses: [UInt8] = []
        for index in 0..<endpoints.count where unsafe endpoints[index].bmAttributes & 3 == bulk {
            addresses.append(unsafe endpoints[index].bEndpointAddress)
        }
        return unsafe USBDescription.Interface(
            number: setting.bInterfaceNumber,
            triple: InterfaceClass(setting.bInterfaceClass, setting.bInterfaceSubClass, setting.bInterfaceProtocol),
            bulkEndpoints: addresses)
    }

    /// Opens it.
    func open() throws(SensorError) -> USBHandle {
        var handle: OpaquePointer?
        let code = unsafe libusb_open(pointer, &handle)
        guard code == 0, let handle = unsafe handle else { throw SensorError(code, "open the sensor") }
        return unsafe USBHandle(handle)
    }

    /// The index of its serial number's text; 0 where it has none.
    var serialIndex: UInt8 {
        var descriptor = libusb_device_descriptor()
        guard unsafe libusb_get_device_descriptor(pointer, &descriptor) == 0 else { return 0 }
        return descriptor.iSerialNumber
    }
}

/// An open device: sole owner of its handle.
@safe
final class USBHandle {
    let pointer: OpaquePointer
    private var claimed: [Int32] = []

    /// How long a control request may take, in milliseconds.
    static let patience: UInt32 = 1000

    init(_ pointer: OpaquePointer) { unsafe self.pointer = unsafe pointer }

    deinit {
        // A serial port's driver takes its data interface along with the control interface, so that one must be free by then.
        for interface in claimed.reversed() { _ = unsafe libusb_release_interface(pointer, interface) }
        unsafe libusb_close(pointer)
    }

    /// Takes interfaces for itself, from the kernel's driver if need be, which gets them back at the end.
    func claim(_ interfaces: [UInt8]) throws(SensorError) {
        // Not every system has kernel drivers to detach.
        _ = unsafe libusb_set_auto_detach_kernel_driver(pointer, 1)
        for interface in interfaces where !claimed.contains(Int32(interface)) {
            let code = unsafe libusb_claim_interface(pointer, Int32(interface))
            guard code == 0 else { throw SensorError(code, "take the sensor") }
            claimed.append(Int32(interface))
        }
    }

    /// A text of the device; empty where it has none.
    func text(_ index: UInt8) -> String {
        guard index != 0 else { return "" }
        var bytes = [UInt8](repeating: 0, count: 128)
        let count = unsafe libusb_get_string_descriptor_ascii(pointer, index, &bytes, Int32(bytes.count))
        return count > 0 ? bytes.span.ascii(at: 0, count: min(Int(count), bytes.count)) : ""
    }

    /// Carries out a request; the answer, empty where none was asked for.
    @discardableResult
    func control(_ request: ControlRequest, patience: UInt32 = USBHandle.patience) throws(SensorError) -> [UInt8] {
        var bytes = request.data + [UInt8](repeating: 0, count: request.answerSize)
        let count = unsafe libusb_control_transfer(
            pointer, request.type, request.request, request.value, request.index, &bytes, UInt16(bytes.count),
            patience)
        guard count >= 0 else { throw SensorError(count, "talk to the sensor") }
        return request.answerSize > 0 ? Array(bytes.prefix(Int(count))) : []
    }

    /// Writes to a bulk endpoint.
    func write(_ bytes: [UInt8], to endpoint: UInt8) throws(SensorError) {
        var bytes = bytes
        var written: Int32 = 0
        let code = unsafe libusb_bulk_transfer(
            pointer, endpoint, &bytes, Int32(bytes.count), &written, Self.patience)
        guard code == 0, written == bytes.count else { throw SensorError(code, "talk to the sensor") }
    }

    /// Ends a stall of an endpoint.
    func clearHalt(_ endpoint: UInt8) throws(SensorError) {
        let code = unsafe libusb_clear_halt(pointer, endpoint)
        guard code == 0 else { throw SensorError(code, "clear the sensor's halt") }
    }

    /// Resets the device.
    func reset() throws(SensorError) {
        let code = unsafe libusb_reset_device(pointer)
        guard code == 0 else { throw SensorError(code, "reset the sensor") }
    }
}

extension SensorError {
    /// What a number of libusb means.
    init(_ code: Int32, _ operation: String) {
        let reason: Reason =
            switch code {
            case LIBUSB_ERROR_ACCESS.rawValue: .accessDenied
            case LIBUSB_ERROR_BUSY.rawValue: .busy
            case LIBUSB_ERROR_NO_DEVICE.rawValue, LIBUSB_ERROR_NOT_FOUND.rawValue: .disconnected
            case LIBUSB_ERROR_PIPE.rawValue: .unsupported
            default: .failed
            }
        self.init(reason: reason, operation: operation, code: code)
    }
}
