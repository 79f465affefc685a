// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import Glibc

/// A connection to a server of this computer, for bytes as they are: tests send what no client would.
package final class LoopbackConnection {
    private let descriptor: Int32

    /// Why there is none.
    package struct Refused: Error {
        package var code: Int32
    }

    /// What a server answered.
    package struct Answer: Sendable {
        /// The status; 0 where the connection ended without one.
        package var status = 0
        /// The headers by their names in small letters; of several of one name the last.
        package var headers: [String: String] = [:]
        package var body: [UInt8] = []
        package var text: String { String(decoding: body, as: UTF8.self) }
    }

    /// Connects to a port.
    ///
    /// - Parameters:
    ///   - address: `127.0.0.1`, another address of version 4, or `::1`.
    ///   - patience: seconds after which reading gives up.
    package init(port: Int, address: String = "127.0.0.1", patience: Int = 20) throws {
        let isSix = address.contains(":")
        descriptor = socket(isSix ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var limit = timeval(tv_sec: patience, tv_usec: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var status: Int32
        if isSix {
            var place = sockaddr_in6()
            place.sin6_family = sa_family_t(AF_INET6)
            place.sin6_port = in_port_t(port).bigEndian
            unsafe inet_pton(AF_INET6, address, &place.sin6_addr)
            status = unsafe withUnsafePointer(to: &place) {
                unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
                }
            }
        } else {
            var place = sockaddr_in()
            place.sin_family = sa_family_t(AF_INET)
            place.sin_port = in_port_t(port).bigEndian
            unsafe inet_pton(AF_INET, address, &place.sin_addr)
            status = unsafe withUnsafePointer(to: &place) {
                unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
        guard status == 0 else {
            let code = errno
            close(descriptor)
            throw Refused(code: code)
        }
    }

    deinit { close(descriptor) }

    /// Sends bytes; false where the other side has gone.
    @discardableResult
    package func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Sends bytes; false where the other side has gone.
    @discardableResult
    package func send(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// The next bytes; empty at the end, nil where none came in time.
    package func receive() -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = unsafe buffer.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
        if count < 0, errno == EAGAIN || errno == EWOULDBLOCK { return nil }
        return Array(buffer[..<max(0, count)])
    }

    /// Reads until a text has come; what came so far.
    package func receive(until end: String, seconds: Double = 20) -> String {
        var bytes: [UInt8] = []
        let deadline = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < deadline, let more = receive(), !more.isEmpty {
            bytes += more
            if String(decoding: bytes, as: UTF8.self).contains(end) { break }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Reads one answer of a told length.
    package func answer(hasBody: Bool = true) -> Answer {
        var bytes: [UInt8] = []
        let end = Array("\r\n\r\n".utf8)
        var head: Int?
        while head == nil, let more = receive(), !more.isEmpty {
            bytes += more
            head = bytes.indices.dropLast(3).first { bytes[$0] == 13 && Array(bytes[$0..<$0 + 4]) == end }
        }
        guard let head else { return Answer() }
        var answer = Answer()
        let lines = String(decoding: bytes[..<head], as: UTF8.self).split(separator: "\r\n")
        answer.status = Int(lines[0].split(separator: " ").dropFirst().first ?? "") ?? 0
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 {
                answer.headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
            }
        }
        answer.body = Array(bytes[(head + 4)...])
        let length = hasBody ? Int(answer.headers["content-length"] ?? "") ?? 0 : 0
        while answer.body.count < length, let more = receive(), !more.isEmpty { answer.body += more }
        return answer
    }
}
