// SPDX-License-Identifier: GPL-3.0-or-later

/// A device as its descriptors describe it; touches no libusb.
public struct USBDescription: Hashable, Sendable {
    /// An interface in its first setting.
    public struct Interface: Hashable, Sendable {
        /// Its number.
        public var number: UInt8
        /// Class, subclass and protocol.
        public var triple: InterfaceClass
        /// The addresses of its bulk endpoints: bit 7 is set where the host reads.
        public var bulkEndpoints: [UInt8]

        /// The endpoint that the host reads from.
        var input: UInt8? { bulkEndpoints.first { $0 & 0x80 != 0 } }
        /// The endpoint that the host writes to.
        var output: UInt8? { bulkEndpoints.first { $0 & 0x80 == 0 } }
    }

    /// The maker's number.
    public var vendor: UInt16
    /// The product's number.
    public var product: UInt16
    /// The interfaces of its configuration.
    public var interfaces: [Interface]

    /// Both numbers, as they are written: `1209:0001`.
    public var identity: String { "\(vendor.hexadecimal):\(product.hexadecimal)" }
}

/// What an interface is, by three numbers.
public struct InterfaceClass: Hashable, Sendable {
    /// The class.
    public var code: UInt8
    /// The subclass.
    public var subclass: UInt8
    /// The protocol.
    public var `protocol`: UInt8

    /// A class.
    public init(_ code: UInt8, _ subclass: UInt8, _ protocol: UInt8) {
        self.code = code
        self.subclass = subclass
        self.protocol = `protocol`
    }
}

extension UInt16 {
    /// Four lower-case hexadecimal digits, as udev writes them.
    public var hexadecimal: String {
        let digits = String(self, radix: 16)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }
}
