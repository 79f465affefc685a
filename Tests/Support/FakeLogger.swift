// SPDX-License-Identifier: GPL-3.0-or-later
package import Foundation
internal import Synchronization

/// An Axivity logger without hardware: it answers on a pseudo-terminal as the firmware's source says, keeps its file in a folder, and is
/// plugged into a computer that is a folder too.
package final class FakeLogger: Sendable {
    /// What it was told, and how it answers.
    package struct State: Sendable {
        /// The lines that came, without empty ones.
        package var lines: [String] = []
        /// What it answers to a line that begins so, in place of the truth.
        package var answers: [String: String] = [:]
        /// Seconds by which its clock is wrong when it is asked.
        package var clockError = 0
        fileprivate var time = ""
        fileprivate var isStreaming = false
        fileprivate var isUnplugged = false
    }

    /// The folder that stands for `/`.
    package let root: URL
    /// The folder that its disk is mounted on.
    package let volume: URL
    private let number: String
    private let session = 7
    private let state = Mutex(State())
    /// Keeps the far end of its port.
    private let port: PseudoTerminal

    /// A logger in a new tree below a folder.
    package init(in folder: URL, number: String = "12345", isMounted: Bool = true) throws {
        self.number = number
        root = folder.appending(path: "root")
        volume = folder.appending(path: "AX3 disk")
        port = try PseudoTerminal()
        let files = FileManager.default
        let device = root.appending(path: "sys/devices/pci0000:00/usb1/1-2")
        for name in [
            "sys/devices/pci0000:00/usb1/1-2/1-2:1.1/tty/ttyACM0", "sys/class/tty/ttyACM0", "sys/class/block",
            "sys/devices/pci0000:00/usb1/1-2/1-2:1.0/host6/block/sdb/sdb1", "proc/self", "dev",
        ] { try files.createDirectory(at: root.appending(path: name), withIntermediateDirectories: true) }
        try files.createDirectory(at: volume, withIntermediateDirectories: true)
        for (name, text) in [("idVendor", "04d8"), ("idProduct", "0057"), ("serial", "CWA17_\(number)")] {
            try Data("\(text)\n".utf8).write(to: device.appending(path: name))
        }
        func link(_ name: String, _ target: String) throws {
            try files.createSymbolicLink(
                atPath: root.appending(path: name).path, withDestinationPath: target)
        }
        try link("sys/class/tty/ttyACM0/device", "../../../devices/pci0000:00/usb1/1-2/1-2:1.1")
        try link("sys/class/block/sdb", "../../devices/pci0000:00/usb1/1-2/1-2:1.0/host6/block/sdb")
        try link("sys/class/block/sdb1", "../../devices/pci0000:00/usb1/1-2/1-2:1.0/host6/block/sdb/sdb1")
        try link("dev/ttyACM0", port.path)
        try mount(isMounted)
        // Whoever has no more use for it ends its thread.
        let thread = Thread { [weak self] in
            var line = ""
            while let self, !state.withLock(\.isUnplugged) {
                for byte in port.received(within: 0.02) {
                    if byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n") {
                        obey(line)
                        line = ""
                    } else {
                        line.unicodeScalars.append(Unicode.Scalar(byte))
                    }
                }
                if state.withLock(\.isStreaming) { port.send("3,-5,257\r\n".utf8) }
            }
        }
        thread.start()
    }

    deinit { unplug() }

    /// Mounts its disk, or not.
    package func mount(_ isMounted: Bool) throws {
        let escaped = volume.path.replacing(" ", with: "\\040")
        let text = "proc /proc proc rw 0 0\n" + (isMounted ? "/dev/sdb1 \(escaped) vfat ro 0 0\n" : "")
        try Data(text.utf8).write(to: root.appending(path: "proc/self/mounts"))
    }

    /// The recording on it.
    package var recording: URL { volume.appending(path: "CWA-DATA.CWA") }

    /// What it was told.
    package var lines: [String] { state.withLock(\.lines) }

    /// Lets it answer otherwise.
    package func change(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }

    /// Ends its thread.
    package func unplug() { state.withLock { $0.isUnplugged = true } }

    private func obey(_ line: String) {
        state.withLock { state in
            guard !line.isEmpty else { return }
            state.isStreaming = false
            state.lines.append(line)
            let words = line.split(separator: " ", maxSplits: 1).map(String.init)
            let argument = words.count > 1 ? words[1] : ""
            if let answer = state.answers[words[0]] { return port.send("\(answer)\r\n".utf8) }
            let slashed = argument.replacing("-", with: "/")
            var answer: String
            switch words[0] {
            case "ID": answer = "ID=CWA,17,44,\(number),\(session)"
            case "SAMPLE": answer = "$BATT=715,4189,mV,96,1"
            case "TIME":
                if !argument.isEmpty { state.time = slashed }
                answer = "$TIME=\(state.clockError == 0 ? state.time : "2001/01/01,00:00:00")"
            case "RATE": answer = "RATE=\(argument.split(separator: ",").first ?? ""),100"
            case "HIBERNATE", "STOP": answer = "\(words[0])=\(argument.hasPrefix("-") ? argument : slashed)"
            case "SESSION": answer = "SESSION=\(argument)"
            case "FORMAT":
                answer = "FORMAT: Delayed activation."
                // An empty file is as long as its header.
                try? Data(count: 1024).write(to: recording)
            case "STREAM":
                state.isStreaming = true
                return
            default: answer = "ERROR: Unknown command."
            }
            // It may print back what it was sent.
            port.send("\(line)\r\n\(answer)\r\n".utf8)
        }
    }
}
