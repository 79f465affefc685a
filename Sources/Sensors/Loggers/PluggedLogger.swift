// SPDX-License-Identifier: GPL-3.0-or-later

/// A logger that is plugged in: the port that it is told by, and the folder that its recording lies in.
public struct PluggedLogger: Hashable, Sendable {
    /// The serial number that USB shows: `CWA17_12345`.
    public var serial: String
    /// The path of its serial port.
    public var port: String
    /// The path of its disk, or of the one part of it; nil where there is none.
    public var disk: String?
    /// Where the disk is mounted; nil where it is not.
    public var folder: String?

    /// The number on its case: what follows the last underscore.
    public var number: String { serial.split(separator: "_").last.map(String.init) ?? serial }

    /// Whether it is the one that is meant, by its whole serial number or by the number on its case.
    public func isCalled(_ name: String) -> Bool { !name.isEmpty && (name == serial || name == number) }

    /// The loggers that are plugged in, as the kernel shows them.
    ///
    /// - Parameter root: the folder in which `sys`, `proc` and `dev` are; tests give another one than `/`.
    public static func all(root: String = "/") -> [PluggedLogger] {
        let root = root.hasSuffix("/") ? root : root + "/"
        let ports = SystemFolders.entries(of: root + "sys/class/tty").sorted().filter { $0.hasPrefix("ttyACM") }
        let mounts = Self.mounts(SystemFolders.text(of: root + "proc/self/mounts") ?? "")
        return ports.compactMap { name in
            // The port's device is an interface; what holds the interfaces is the device.
            guard let interface = SystemFolders.resolved(root + "sys/class/tty/\(name)/device"),
                let device = SystemFolders.resolved(interface + "/.."), isLogger(device),
                let serial = SystemFolders.line(of: device + "/serial"), !serial.isEmpty
            else { return nil }
            let disks = SystemFolders.entries(of: root + "sys/class/block").sorted().filter {
                (SystemFolders.resolved(root + "sys/class/block/\($0)") ?? "").hasPrefix(device + "/")
            }
            let mounted = disks.first { mounts["/dev/\($0)"] != nil }
            // Of a disk and its part, the part sorts last and holds the files.
            return PluggedLogger(
                serial: serial, port: root + "dev/\(name)", disk: (mounted ?? disks.last).map { root + "dev/\($0)" },
                folder: mounted.flatMap { mounts["/dev/\($0)"] })
        }
    }

    private static func isLogger(_ device: String) -> Bool {
        guard let vendor = SystemFolders.line(of: device + "/idVendor").flatMap({ UInt16($0, radix: 16) }),
            let product = SystemFolders.line(of: device + "/idProduct").flatMap({ UInt16($0, radix: 16) })
        else { return false }
        return SensorDriver.logger(USBDescription(vendor: vendor, product: product, interfaces: [])) != nil
    }

    /// The folder that each disk is mounted on.
    static func mounts(_ text: String) -> [String: String] {
        var folders: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            let fields = line.split(separator: " ")
            guard fields.count >= 2, folders[String(fields[0])] == nil else { continue }
            folders[String(fields[0])] = unescaped(fields[1])
        }
        return folders
    }

    /// The kernel writes blanks in paths as `\040`.
    private static func unescaped(_ field: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(field.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\"), rest.count >= 3,
                let code = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
            {
                bytes.append(code)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
