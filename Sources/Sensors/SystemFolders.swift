// SPDX-License-Identifier: GPL-3.0-or-later
internal import Glibc

/// The small files of the system's folders, as the kernel keeps them in /proc and /sys.
enum SystemFolders {
    /// The names in a folder; none where it cannot be read.
    static func entries(of folder: String) -> [String] {
        guard let directory = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// The path without links; nil where there is nothing.
    static func resolved(_ path: String) -> String? {
        guard let own = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(own) }
        return unsafe String(cString: own)
    }

    /// What a link names; empty where it is none.
    static func target(of link: String) -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = unsafe readlink(link, &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) : ""
    }

    /// The text of a file, at most 1 MiB; nil where it cannot be read.
    static func text(of path: String) -> String? {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while bytes.count < 1 << 20 {
            let count = unsafe read(file, &buffer, buffer.count)
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The first line of a file, without blanks at its end; nil where it cannot be read.
    static func line(of path: String) -> String? {
        text(of: path).map { text in
            var line = text.prefix { !$0.isNewline }
            while line.last?.isWhitespace ?? false { line.removeLast() }
            return String(line)
        }
    }
}
