// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import ServiceLifecycle
internal import Synchronization
internal import UnixSignals

/// Serves pages to the browsers of this computer, and to nobody else.
///
/// It listens on 127.0.0.1 and ::1 alone. A request needs the secret of this start, one of the server's own names, and, where it changes
/// something, the server's own origin. Everything that is read has a limit of size and time; what is over a bound waits or is refused.
public struct LocalServer: Sendable {
    private let routes: RouteTable
    private let port: Int
    private let limits: ServerLimits
    private let folder: String
    private let errorPage: @Sendable (_ status: Int, _ words: String) -> PageResponse
    private let secrets = ServerSecrets()

    /// The port, unless another one is wanted.
    public static let usualPort = 8765

    /// Where it can be reached once it runs.
    public struct Doorway: Hashable, Sendable {
        /// The address with the token, for the person who started it.
        public var address: String
        /// The port that it listens on.
        public var port: Int
        /// Why ::1 is not listened on; nil where it is.
        public var problem: String?
    }

    /// Why it does not run.
    public struct Failure: Error, CustomStringConvertible {
        /// What failed and what to do, for the person who started it.
        public var description: String
    }

    /// A server that does not run yet.
    ///
    /// - Parameters:
    ///   - routes: the first that matches answers.
    ///   - port: 0 lets the system choose one.
    ///   - folder: where files of forms lie until their request is answered; for the owner alone.
    ///   - errorPage: what is shown of an error.
    public init(
        routes: [PageRoute], port: Int = usualPort, limits: ServerLimits = ServerLimits(), folder: String,
        errorPage: @escaping @Sendable (_ status: Int, _ words: String) -> PageResponse
    ) {
        self.routes = RouteTable(routes)
        self.port = port
        self.limits = limits
        self.folder = folder
        self.errorPage = errorPage
    }

    /// Serves until SIGINT or SIGTERM comes, or its task is cancelled; requests that were begun are answered, event streams end.
    ///
    /// - Parameters:
    ///   - endsWithSignals: whether it is the program's own server, which SIGINT and SIGTERM end.
    ///   - ready: called once, when it can be reached.
    /// - Throws: ``Failure`` where the port cannot be had.
    public func run(
        endsWithSignals: Bool = true, ready: @escaping @Sendable (Doorway) -> Void
    ) async throws {
        let (ports, opened) = AsyncStream<Int>.makeStream()
        let listening = Listening()
        let first = application("127.0.0.1", port, listening) { port in
            listening.port.store(port, ordering: .releasing)
            opened.yield(port)
            opened.finish()
        }
        let second = SecondAddress(ports: ports) { port, problem in
            ready(
                Doorway(
                    address: "http://127.0.0.1:\(port)/?token=\(secrets.token)", port: port, problem: problem))
        } application: { port, isOpen in
            application("::1", port, listening) { _ in isOpen() }
        }
        var configuration = ServiceGroupConfiguration(
            services: [.init(service: first), .init(service: second)],
            gracefulShutdownSignals: endsWithSignals ? [.sigint, .sigterm] : [], logger: Self.silence)
        // Whoever listens on and on is not waited for.
        configuration.maximumGracefulShutdownDuration = .seconds(5)
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch let error as IOError {
            throw Failure(
                description: error.errnoCode == EADDRINUSE
                    ? "port \(port) of 127.0.0.1 is in use; is another `nattro serve` running? Else take another one: --port 0"
                    : "cannot listen on 127.0.0.1, port \(port): \(error.localizedDescription); take another one: --port 0"
            )
        }
    }

    /// The port once it is known; 0 before.
    private final class Listening: Sendable {
        let port = Atomic<Int>(0)
    }

    private static var silence: Logger {
        var logger = Logger(label: "nattro")
        logger.logLevel = .critical
        return logger
    }

    private func application(
        _ host: String, _ port: Int, _ listening: Listening, isOpen: @escaping @Sendable (Int) -> Void
    ) -> some Service {
        var decoder = HTTP1Channel.Configuration.DecoderConfiguration()
        decoder.maxHeaderFieldSize = limits.headBytes
        decoder.maxHeaderListSize = limits.headBytes
        decoder.maxHeaderFieldCount = 100
        let patience = TimeAmount(limits.patience)
        return Application(
            responder: CallbackResponder<ChannelContext> { request, context in
                await answer(request, context, port: listening.port.load(ordering: .acquiring))
            },
            server: .http1(
                configuration: .init(
                    additionalChannelHandlers: [SlowReaderGuard(patience: patience)],
                    idleTimeout: TimeAmount(limits.silence), httpDecoderConfiguration: decoder)),
            configuration: .init(
                address: .hostname(host, port: port), serverName: nil, backlog: 64,
                availableConnectionsDelegate: .maximum(limits.connections, logger: Self.silence)),
            onServerRunning: { channel in isOpen(channel.localAddress?.port ?? 0) },
            logger: Self.silence)
    }

    // MARK: A request

    private func answer(_ request: Request, _ context: ChannelContext, port: Int) async -> Response {
        let gate = RequestGate(secrets: secrets, port: port)
        let decision = gate.decide(RequestGate.Head(request))
        let headOnly = request.method == .head
        // A body that is not read, or not whole in time, ends the connection.
        let channel = context.channel
        let hasBody = request.headers[.contentLength].map { $0 != "0" } ?? request.headers.contains(.transferEncoding)
        let deadline =
            hasBody
            ? channel.eventLoop.scheduleTask(in: TimeAmount(limits.patience)) { channel.close(promise: nil) } : nil
        switch decision {
        case .refuse(let status, let words):
            var page = errorPage(status, words)
            if status == 405 { page.headers["Allow"] = "GET, HEAD, POST" }
            return page.response(to: request, headOnly: headOnly)
        case .welcome:
            var page = PageResponse.seeOther("/")
            page.headers["Set-Cookie"] = gate.cookie
            return page.response(to: request, headOnly: headOnly)
        case .pass(let method, let target, _):
            guard method == .post || !hasBody else {
                return errorPage(400, "A page is asked for without a body.").response(to: request, headOnly: headOnly)
            }
            let page = await page(method, target, request) { deadline?.cancel() }
            return page.response(to: request, headOnly: headOnly)
        }
    }

    private func page(
        _ method: PageRequest.Method, _ target: RequestTarget, _ request: Request, isRead: () -> Void
    ) async -> PageResponse {
        switch routes.match(method, target) {
        case .nothing: return errorPage(404, "There is no such page. Begin at the start page.")
        case .otherMethod:
            var page = errorPage(405, "This page is not asked for in this way. Begin at the start page.")
            page.headers["Allow"] = method == .get ? "POST" : "GET, HEAD"
            return page
        case .page(let route, let parameters):
            var content = RequestReading.Content()
            do {
                if method == .post {
                    content = try await RequestReading(limits: limits, folder: folder).content(
                        of: request, takesFiles: route.takesFiles)
                    isRead()
                }
                defer { content.deleteFiles() }
                return try await route.answer(
                    PageRequest(
                        method, path: target.path, parameters: parameters, query: target.query, form: content.form,
                        body: content.body, files: content.files,
                        lastEventID: HTTPField.Name("Last-Event-ID").flatMap { request.headers[$0] }))
            } catch let refusal as RequestReading.Refusal {
                return errorPage(refusal.status, refusal.words)
            } catch {
                return errorPage(500, "This page could not be made. What nattro serve prints may say more.")
            }
        }
    }
}

/// A request with the connection that it came on.
private struct ChannelContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}

extension RequestGate.Head {
    /// What the head of a request of Hummingbird's says.
    fileprivate init(_ request: Request) {
        func value(_ name: String) -> String? { HTTPField.Name(name).flatMap { request.headers[$0] } }
        self.init(
            method: request.method.rawValue, target: request.head.path ?? "", host: request.head.authority,
            hasSecondHost: value("Host") != nil, origin: value("Origin"), fetchSite: value("Sec-Fetch-Site"),
            fetchMode: value("Sec-Fetch-Mode"),
            cookies: request.headers[values: .cookie])
    }
}

/// The server on the second loopback address: it waits for the first one's port, and its absence ends nothing.
private struct SecondAddress: Service {
    let ports: AsyncStream<Int>
    let isDecided: @Sendable (Int, String?) -> Void
    let application: @Sendable (Int, @escaping @Sendable () -> Void) -> any Service

    init(
        ports: AsyncStream<Int>, isDecided: @escaping @Sendable (Int, String?) -> Void,
        application: @escaping @Sendable (Int, @escaping @Sendable () -> Void) -> any Service
    ) {
        self.ports = ports
        self.isDecided = isDecided
        self.application = application
    }

    func run() async throws {
        var port = 0
        for await opened in ports.cancelOnGracefulShutdown() { port = opened }
        guard port != 0 else { return }
        let found = port
        do {
            try await application(found) { isDecided(found, nil) }.run()
        } catch let error as IOError {
            let reason =
                error.errnoCode == EADDRINUSE
                ? "another program has port \(found) of ::1"
                : "this computer has no ::1 (\(error.localizedDescription))"
            isDecided(found, "\(reason); the page is at 127.0.0.1 alone")
            try await gracefulShutdown()
        }
    }
}
