// SPDX-License-Identifier: GPL-3.0-or-later
internal import Glibc

/// Finds the program that has a device open, as far as this user may see.
enum DeviceHolder {
    /// The name and number of another process that has the device open; nil if none is seen.
    static func name(of place: DevicePlace) -> String? {
        let node = "/dev/bus/usb/\(padded(place.bus))/\(padded(place.address))"
        for process in entries(of: "/proc") {
            guard let number = Int32(process), number != getpid() else { continue }
            for descriptor in entries(of: "/proc/\(process)/fd")
            where target(of: "/proc/\(process)/fd/\(descriptor)") == node {
                return "\(name(ofProcess: process)), process \(process)"
            }
        }
        return nil
    }

    private static func padded(_ number: UInt8) -> String {
        let text = String(number)
        return String(repeating: "0", count: 3 - text.count) + text
    }

    private static func entries(of folder: String) -> [String] {
        guard let directory = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            names.append(name)
        }
        return names
    }

    private static func target(of link: String) -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        let count = unsafe readlink(link, &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) : ""
    }

    private static func name(ofProcess process: String) -> String {
        let file = unsafe open("/proc/\(process)/comm", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "a program" }
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: 64)
        let count = unsafe read(file, &buffer, buffer.count)
        return String(decoding: buffer[..<max(0, count)].prefix { $0 >= 0x20 }, as: UTF8.self)
    }
}
