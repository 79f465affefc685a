// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import NIOCore
internal import ServiceLifecycle

extension PageResponse {
    /// The answer as it goes over the wire, with the headers that every answer has.
    ///
    /// - Parameters:
    ///   - request: what is answered; an event stream ends when its connection does.
    ///   - headOnly: whether the body stays here (`HEAD`).
    func response(to request: Request, headOnly: Bool) -> Response {
        var fields = HTTPFields()
        for (name, value) in SecurityHeaders.all { Self.set(&fields, name, value) }
        Self.set(&fields, "Content-Type", contentType)
        for (name, value) in headers { Self.set(&fields, name, value) }
        let body: ResponseBody
        switch self.body {
        case .bytes(let bytes): body = ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
        case .file(let path): body = Self.file(path)
        case .events(let events):
            body = headOnly ? ResponseBody() : Self.stream(events, request)
        }
        var response = Response(status: .init(code: status), headers: fields, body: body)
        if headOnly {
            let length = response.headers[.contentLength]
            response = response.createHeadResponse()
            response.headers[.contentLength] = length
        }
        return response
    }

    /// Sets a header; a value with control characters is none.
    private static func set(_ fields: inout HTTPFields, _ name: String, _ value: String) {
        guard let name = HTTPField.Name(name), HTTPField.isValidValue(value) else { return }
        fields[name] = value
    }

    /// A file in pieces; it is deleted afterwards, sent or not.
    private static func file(_ path: String) -> ResponseBody {
        let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? nil
        return ResponseBody(contentLength: size) { writer in
            defer { try? FileManager.default.removeItem(atPath: path) }
            guard let handle = FileHandle(forReadingAtPath: path) else { throw CancellationError() }
            defer { try? handle.close() }
            while let piece = try handle.read(upToCount: 1 << 16), !piece.isEmpty {
                try await writer.write(ByteBuffer(bytes: piece))
            }
            try await writer.finish(nil)
        }
    }

    /// Events for as long as there are any, the browser listens and the server runs.
    private static func stream(_ events: AsyncStream<ServerEvent>, _ request: Request) -> ResponseBody {
        ResponseBody { writer in
            try await request.body.consumeWithCancellationOnInboundClose { _ in
                // A browser that lost the connection asks again after two seconds.
                try await writer.write(ByteBuffer(string: "retry: 2000\n\n"))
                for await event in events.cancelOnGracefulShutdown() {
                    try await writer.write(ByteBuffer(string: event.text))
                }
            }
            try await writer.finish(nil)
        }
    }
}

extension ServerEvent {
    /// The event as the HTML standard has it on the wire.
    var text: String {
        var text = id.map { "id: \(Self.line($0))\n" } ?? ""
        text += "event: \(Self.line(name))\ndata: \(Self.line(data))\n\n"
        return text
    }

    /// A text in one line.
    private static func line(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0 == "\n" || $0 == "\r" || $0 == "\0" ? " " : $0 }))
    }
}
