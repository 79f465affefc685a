// SPDX-License-Identifier: GPL-3.0-or-later
public import Recordings

/// Decides what of the sensors' events goes into the night log, and how; touches neither USB nor disk nor clock.
public struct NightRecorder: Sendable {
    /// What is asked of a recording.
    public struct Options: Sendable {
        /// Which sensor is which leg.
        public var assignment = LegAssignment()
        /// Seconds to wait for the first sensor.
        public var patience = 30.0
        /// Seconds from the first sensor to the beginning of the log, in which a second one may come.
        public var settling = 1.0
        /// Seconds to record; nil for until it is stopped.
        public var length: Double?
        /// The wall clock's time at which the recording ends, in nanoseconds since the Unix epoch.
        public var end: Int64?
        /// Whether the light goes out now.
        public var lightsOut = false
        /// Whether frames that came late are dated back to when they would have come; not where a recording is replayed.
        public var correctsLateFrames = true
        /// The body site, as the sleeper words it.
        public var site = ""
        /// Which run of the host this is.
        public var hostBoot: UInt32 = 0
        /// A log of this night that was not closed, to go on with if its sensors are these; nil for none.
        public var unfinished: NightLog.Standing?
        /// The zone at a moment of the wall clock.
        public var zone: @Sendable (Int64) -> NightLog.Zone = { _ in NightLog.Zone(offset: 0) }

        /// A recording of whatever sensors there are, until it is stopped.
        public init() {}
    }

    /// How it stands.
    public internal(set) var state = RecorderState()

    let options: Options
    var assignment: LegAssignment
    var lanes: [Lane] = []
    var sensors: [Int: Sensor] = [:]
    var now = Moment(bootTime: 0, awake: 0, utc: 0)
    private var phase = Phase.waiting
    private var waitingSince: UInt64?
    private var settlingSince: UInt64?
    private var createdAt: UInt64 = 0
    private var nextClock: UInt64 = 0
    private var previous: Moment?
    /// Samples that came before it was known whose they are, or before the log was begun.
    var held: [SensorEvent] = []
    var troubles: [String] = []
    var unreportedDamage = TransferDamage()
    private var nextDamageReport: UInt64 = 0
    /// When the host woke last.
    var resumedAt: UInt64?

    private enum Phase { case waiting, recording, stopping, ended }

    /// A leg of the log.
    struct Lane: Sendable {
        var leg: Leg
        var settings: NightLog.Stream
        var timeline = StreamTimeline()
        var fit: ClockFit?
        var nextFit: UInt64 = 0
        /// Since when all frames came much later than the fit says.
        var lateSince: UInt64?
        var nextStatusReport: UInt64 = 0
        var lastDropped = 0
        var isFirst = true
        /// Whether the log has samples of it from before this recorder, and none yet from it.
        var isResumed = false
    }

    /// A sensor as it is known.
    struct Sensor: Sendable {
        var serial = ""
        var driver = ""
        var settings: SensorSettings?
        /// The lane of each of its streams.
        var lanes: [UInt8: Int] = [:]
        /// What it is in spite of its streams: none of this night's.
        var isUnwanted = false
    }

    static let second: UInt64 = 1_000_000_000
    static let minute = 60 * second
    /// Events held at most, half an hour of two legs; beyond it the oldest are dropped.
    static let largestHold = 70_000
    /// Seconds in which another sensor may turn out to be the same leg's, even where every leg has its own.
    private static let shortestSettling = 0.3
    /// A clock that moves by more, in nanoseconds, against the boot time was set.
    private static let clockStep: Int64 = 500_000_000

    /// A recorder that waits for its sensors.
    public init(_ options: Options) {
        self.options = options
        assignment = options.assignment
    }

    /// Takes something that happened.
    public mutating func take(_ event: SensorEvent) -> [RecorderAction] {
        var actions: [RecorderAction] = []
        take(event, &actions)
        return actions
    }

    /// Takes the time; call it about every second at least.
    public mutating func tick(_ moment: Moment) -> [RecorderAction] {
        var actions: [RecorderAction] = []
        now = moment
        defer { previous = moment }
        switch phase {
        case .waiting: wait(&actions)
        case .recording: keepTime(&actions)
        case .stopping, .ended: break
        }
        return actions
    }

    /// Takes the sleeper's words.
    public mutating func note(_ text: String) -> [RecorderAction] {
        guard phase == .recording else { return [.say("not yet recording: the note is lost")] }
        return [.note(text, at: stamp(now.bootTime))]
    }

    /// The last entries; then the log is closed.
    public mutating func finish(at moment: Moment) -> [RecorderAction] {
        now = moment
        var actions: [RecorderAction] = []
        // Who stops before the second sensor could come has a night all the same.
        if phase == .waiting { begin(&actions) }
        if isRecording { state.elapsed = seconds(from: createdAt) }
        reportDamage(&actions, isEnd: true)
        for index in lanes.indices { keepFit(index, &actions, isEnd: true) }
        phase = .ended
        return actions
    }

    /// Whether the log was begun.
    var isRecording: Bool { phase == .recording || phase == .stopping }

    // MARK: Beginning

    private mutating func wait(_ actions: inout [RecorderAction]) {
        let since = waitingSince ?? now.bootTime
        waitingSince = since
        let known = Set(sensors.values.filter { $0.settings != nil }.flatMap { $0.lanes.values })
        if !known.isEmpty {
            let start = settlingSince ?? now.bootTime
            settlingSince = start
            let everyLeg = known.count == options.assignment.possibleLegs.count
            let wait = everyLeg ? min(Self.shortestSettling, options.settling) : options.settling
            if seconds(from: start) >= wait { begin(&actions) }
        } else if seconds(from: since) >= options.patience {
            phase = .ended
            actions.append(.fail(.noSensor(troubles)))
        }
    }

    /// Begins the log with a stream for every leg that may come.
    private mutating func begin(_ actions: inout [RecorderAction]) {
        let legs = options.assignment.possibleLegs
        let known = sensors.values.flatMap { sensor in
            sensor.lanes.compactMap { stream, lane in
                sensor.settings.map { (lane, self.stream(legs[lane], $0.streams[Int(stream)], sensor.serial)) }
            }
        }
        guard let first = known.min(by: { $0.0 < $1.0 })?.1 else { return }
        lanes = legs.enumerated().map { index, leg in
            // The other leg's sensor is likely to be of the same kind; if not, it is a setting of its own later.
            var settings = known.first { $0.0 == index }?.1 ?? first
            settings.leg = leg
            if !known.contains(where: { $0.0 == index }) { settings.serial = options.assignment.serial(of: leg) ?? "" }
            return Lane(leg: leg, settings: settings)
        }
        phase = .recording
        createdAt = now.bootTime
        nextClock = now.bootTime + Self.minute
        state.isRecording = true
        state.lanes = lanes.indices.map { index in
            var lane = RecorderState.Lane(leg: lanes[index].leg, serial: lanes[index].settings.serial)
            lane.rate = lanes[index].settings.nominalRate
            lane.isNamed = options.assignment.serial(of: lane.leg) != nil
            return lane
        }
        if let unfinished = options.unfinished, unfinished.suits(lanes.map(\.settings)) {
            resume(unfinished, &actions)
        } else {
            actions.append(
                .create(
                    NightLog.Header(
                        identifier: .random(), creation: stamp(now.bootTime), zone: options.zone(now.utc),
                        streams: lanes.map(\.settings))))
        }
        for (_, sensor) in sensors.sorted(by: { $0.key < $1.key }) {
            for lane in sensor.lanes.values.sorted() { found(lane, sensor, at: now.bootTime, &actions) }
        }
        if options.lightsOut {
            actions.append(.event(.lightsOut, stream: nil, "lights out", at: stamp(now.bootTime)))
        }
        releaseHeld(&actions)
    }

    /// Goes on with a log of this night, after a gap.
    private mutating func resume(_ log: NightLog.Standing, _ actions: inout [RecorderAction]) {
        actions.append(.resume(at: stamp(now.bootTime), options.zone(now.utc)))
        for index in lanes.indices {
            lanes[index].isResumed = log.samples[index] > 0
            // The sensor may be set otherwise by now.
            actions.append(.set(stream: index, lanes[index].settings))
        }
        let passed =
            log.last.hostBoot == options.hostBoot && now.bootTime >= log.last.bootTime
            ? Int64(now.bootTime - log.last.bootTime) : max(0, now.utc - log.last.utc)
        let text = "the recording goes on after \(Double(passed / 100_000_000) / 10) s"
        actions.append(.event(.recordingResumed, stream: nil, text, at: stamp(now.bootTime)))
        actions.append(.say("this night's log was not finished: \(text)"))
    }

    /// Takes the events that were held, in their order.
    mutating func releaseHeld(_ actions: inout [RecorderAction]) {
        let events = held
        held.removeAll(keepingCapacity: false)
        for event in events { take(event, &actions) }
    }

    // MARK: Time

    private mutating func keepTime(_ actions: inout [RecorderAction]) {
        state.elapsed = seconds(from: createdAt)
        if let previous {
            let slept = Int64(now.bootTime - previous.bootTime) - Int64(now.awake - previous.awake)
            if slept > Int64(Self.second) {
                let text = "the computer slept for \(Double(slept / 100_000_000) / 10) s"
                resumedAt = now.bootTime
                actions.append(.event(.hostSuspended, stream: nil, text, at: stamp(now.bootTime)))
                actions.append(.say(text))
            }
            let step = now.utc - previous.utc - Int64(now.bootTime - previous.bootTime)
            if abs(step) > Self.clockStep {
                actions.append(
                    .event(
                        .wallClockSet, stream: nil, "the wall clock was set by \(Double(step / 1_000_000) / 1000) s",
                        at: stamp(now.bootTime)))
                nextClock = now.bootTime
            }
        }
        if now.bootTime >= nextClock {
            nextClock = now.bootTime + Self.minute
            actions.append(.clock(stamp(now.bootTime), options.zone(now.utc)))
        }
        if now.bootTime >= nextDamageReport { reportDamage(&actions, isEnd: false) }
        let isOver = options.length.map { state.elapsed >= $0 } ?? false
        if isOver || options.end.map({ now.utc >= $0 }) ?? false {
            phase = .stopping
            actions.append(.stop)
        }
    }

    private mutating func reportDamage(_ actions: inout [RecorderAction], isEnd: Bool) {
        guard isRecording, unreportedDamage != TransferDamage() else { return }
        nextDamageReport = now.bootTime + Self.minute
        let damage = unreportedDamage
        actions.append(
            .event(
                .transferDamage, stream: nil,
                "\(damage.skippedBytes) bytes skipped, \(damage.checksumErrors) wrong checksums, "
                    + "\(damage.lostFrames) frames lost, \(damage.duplicates) repeated, \(damage.malformed) malformed",
                at: stamp(now.bootTime)))
        unreportedDamage = TransferDamage()
    }

    /// A moment of the host as the log has it.
    func stamp(_ bootTime: UInt64, deviceBoot: UInt32 = 0, deviceTime: UInt64 = 0) -> NightLog.Stamp {
        NightLog.Stamp(
            hostBoot: options.hostBoot, bootTime: bootTime,
            utc: now.utc + (Int64(bitPattern: bootTime) - Int64(bitPattern: now.bootTime)), deviceBoot: deviceBoot,
            deviceTime: deviceTime)
    }

    func seconds(from start: UInt64) -> Double { Double(Int64(bitPattern: now.bootTime &- start)) / 1e9 }

    func stream(_ leg: Leg, _ settings: SensorSettings.Stream, _ serial: String) -> NightLog.Stream {
        NightLog.Stream(
            leg: leg, site: options.site, model: settings.model, serial: serial, nominalRate: settings.rate,
            range: settings.range, scale: settings.scale)
    }
}
