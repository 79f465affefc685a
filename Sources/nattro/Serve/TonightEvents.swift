// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import LegMovements
import Recordings
import Web

/// What the page of tonight is told while it listens.
///
/// Events are made when the browser takes them, so none waits in memory. Movements, gaps and notes have numbers: a browser that lost the
/// connection names the last one it saw, and gets those that came since. The signal is for the eye and is not repeated.
final class TonightEvents: @unchecked Sendable {  // one stream takes its events one after the other
    private let recording: RecordingControl
    private let nights: LiveNights
    private var waiting: ArraySlice<ServerEvent> = []
    private var seen: (key: String, count: Int)?
    private var sentTenth: [Int64] = []
    private var state = ""
    private var statusTurn = 0
    private var followed: LiveNight?
    private var isBegun = false

    private static let turn = Duration.milliseconds(500)
    /// A status is sent every other look.
    private static let statusTurns = 2
    /// The most moments of one look; the rest comes with the next one.
    private static let mostMoments = 500

    /// - Parameter last: the identifier of the last event that the browser saw.
    init(recording: RecordingControl, nights: LiveNights, last: String?) {
        self.recording = recording
        self.nights = nights
        let parts = last?.split(separator: ":") ?? []
        if parts.count == 2, let count = Int(parts[1]), count >= 0 { seen = (String(parts[0]), count) }
    }

    /// The events, until nobody listens.
    var stream: AsyncStream<ServerEvent> { AsyncStream(unfolding: { await self.next() }) }

    private func next() async -> ServerEvent? {
        while waiting.isEmpty {
            if isBegun {
                do { try await Task.sleep(for: Self.turn) } catch { return nil }
            }
            isBegun = true
            waiting = await look()[...]
        }
        return waiting.removeFirst()
    }

    private func look() async -> [ServerEvent] {
        var events: [ServerEvent] = []
        let running = recording.running
        if let log = running?.log, let night = try? await nights.night(of: log) {
            if followed?.key != night.key { begin(night, &events) }
        } else if running != nil {
            followed = nil
            say(state: "waiting", isOwn: running?.isOwn == true, nil, &events)
        } else if followed == nil {
            say(state: "idle", isOwn: false, nil, &events)
        }
        guard let night = followed else { return events }
        await night.look()
        await tell(night, &events)
        if await night.isOver, running?.log == nil {
            followed = nil
            say(state: "ended", isOwn: false, recording.lastWords, &events)
        } else {
            say(state: "recording", isOwn: running?.isOwn == true, nil, &events)
        }
        return events
    }

    private func begin(_ night: LiveNight, _ events: inout [ServerEvent]) {
        followed = night
        sentTenth = []
        if seen?.key != night.key {
            seen = (night.key, 0)
            events.append(ServerEvent("reset", data: "{}", id: "\(night.key):0"))
        }
    }

    /// Says how it stands, where that has changed.
    private func say(state new: String, isOwn: Bool, _ words: String?, _ events: inout [ServerEvent]) {
        let data =
            "\(JSONValue.object([.init("state", .string(new)), .init("own", .bool(isOwn)), .init("words", .init(words))]))"
        guard data != state else { return }
        state = data
        events.append(ServerEvent("state", data: data))
    }

    private func tell(_ night: LiveNight, _ events: inout [ServerEvent]) async {
        let (moments, legs, slices) = (await night.moments, await night.legs, await night.slices)
        var count = seen?.count ?? 0
        for moment in moments.dropFirst(count).prefix(Self.mostMoments) {
            count += 1
            events.append(Self.event(moment, id: "\(night.key):\(count)"))
        }
        seen = (night.key, count)
        if sentTenth.count != slices.count { sentTenth = slices.map { _ in .min } }
        for (stream, own) in slices.enumerated() {
            // The last slice may still grow.
            let new = own.dropLast().suffix(1200).drop { $0.tenth <= sentTenth[stream] }
            guard let last = new.last else { continue }
            sentTenth[stream] = last.tenth
            events.append(Self.event(new, legs[stream].leg))
        }
        statusTurn += 1
        guard statusTurn % Self.statusTurns == 1 else { return }
        events.append(
            ServerEvent(
                "status",
                data: Self.status(
                    legs, await night.start, await night.movementCount, await night.problem, night.path)))
    }

    private static func event(_ moment: LiveNight.Moment, id: String) -> ServerEvent {
        switch moment {
        case .movement(let movement):
            event(
                "movement",
                [
                    .init("leg", .string(movement.leg.rawValue)), .init("at", .string(clock(movement.onset))),
                    .init("onset", .number(movement.onset)),
                    .init("seconds", .number(movement.offset - movement.onset)),
                    .init("mg", .number(Double(movement.amplitude).rounded())),
                ], id: id)
        case .gap(let leg, let time, let reason):
            event(
                "gap",
                [
                    .init("leg", .init(leg?.rawValue)), .init("at", .string(clock(time))),
                    .init("onset", .number(time)), .init("reason", .string(reason.rawValue)),
                ], id: id)
        case .note(let time, let text):
            event("note", [.init("at", .string(clock(time))), .init("text", .string(text))], id: id)
        }
    }

    private static func event(_ name: String, _ members: [JSONValue.Member], id: String? = nil) -> ServerEvent {
        ServerEvent(name, data: JSONValue.object(members).description, id: id)
    }

    private static func event(_ slices: ArraySlice<LiveNight.Slice>, _ leg: Leg?) -> ServerEvent {
        func thousandth(_ value: Float) -> JSONValue { .integer(value.isFinite ? Int((value * 1000).rounded()) : 0) }
        return event(
            "trace",
            [
                .init("leg", .string(leg?.rawValue ?? "L")),
                .init("tenths", .array(slices.map { .integer(Int($0.tenth)) })),
                .init("low", .array(slices.map { thousandth($0.low) })),
                .init("high", .array(slices.map { thousandth($0.high) })),
            ])
    }

    private static func status(
        _ legs: [LiveNight.LegState], _ start: Double?, _ movements: Int, _ problem: String?, _ path: String
    ) -> String {
        let last = legs.compactMap(\.last).max()
        let members: [JSONValue.Member] = [
            .init("movements", .integer(movements)),
            .init("elapsed_s", .init(start.flatMap { start in last.map { $0 - start } })),
            .init("clock", .init(last.map(clock))),
            .init("disk_free_bytes", .init(DiskSpace.free(at: path).map { Int($0) })),
            .init("problem", .init(problem)),
            .init(
                "legs",
                .array(
                    legs.map { leg in
                        .object([
                            .init("leg", .string(leg.leg?.rawValue ?? "L")), .init("rate_hz", .number(leg.rate)),
                            .init("samples", .integer(Int(leg.samples))), .init("gaps", .integer(leg.gaps)),
                            .init("behind_s", .init(last.flatMap { last in leg.last.map { last - $0 } })),
                            .init("words", .string(leg.words)),
                        ])
                    })),
        ]
        return "\(JSONValue.object(members))"
    }

    private static func clock(_ time: Double) -> String { String(NightReport.clock(time).suffix(8)) }
}
