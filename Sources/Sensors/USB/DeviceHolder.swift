// SPDX-License-Identifier: GPL-3.0-or-later
internal import Glibc

/// Finds the program that has a device open, as far as this user may see.
enum DeviceHolder {
    /// The name and number of another process that has the device open; nil if none is seen.
    static func name(of place: DevicePlace) -> String? {
        name(having: "/dev/bus/usb/\(padded(place.bus))/\(padded(place.address))")
    }

    /// As ``name(of:)``, of a port by any of its paths.
    static func name(ofPort path: String) -> String? { SystemFolders.resolved(path).flatMap { name(having: $0) } }

    private static func name(having node: String) -> String? {
        for process in SystemFolders.entries(of: "/proc") {
            guard let number = Int32(process), number != getpid() else { continue }
            for descriptor in SystemFolders.entries(of: "/proc/\(process)/fd")
            where SystemFolders.target(of: "/proc/\(process)/fd/\(descriptor)") == node {
                return "\(name(ofProcess: process)), process \(process)"
            }
        }
        return nil
    }

    private static func padded(_ number: UInt8) -> String {
        let text = String(number)
        return String(repeating: "0", count: 3 - text.count) + text
    }

    private static func name(ofProcess process: String) -> String {
        SystemFolders.line(of: "/proc/\(process)/comm") ?? "a program"
    }
}
