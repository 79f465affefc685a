// SPDX-License-Identifier: GPL-3.0-or-later
internal import Recordings

extension NightRecorder {
    /// A frame that came this much later than the fit says, in nanoseconds, waited somewhere and is dated back.
    private static let lateness: UInt64 = 100_000_000
    /// A sensor whose frames all come this much later than the fit says did not send them late: its clock stood still.
    private static let standstill: UInt64 = second
    /// How long they do until that is taken for granted: buffers drain, and soon after a suspend a clock is likely to have stood.
    private static let standstillPatience = 2 * minute
    private static let suspendPatience = 2 * second
    /// The drift is told after so many frames: a minute of them at ten a second.
    private static let driftFrames = 600
    /// A segment of the clock's fit is kept if it is of so many frames.
    private static let segmentFrames = 20
    /// The time from one report on a sensor's state to the next.
    private static let statusInterval = 10 * minute

    mutating func take(_ event: SensorEvent, _ actions: inout [RecorderAction]) {
        switch event.kind {
        case .found(let serial, let driver): found(event.sensor, serial, driver, event.bootTime, &actions)
        case .settings(let settings): set(event.sensor, settings, event.bootTime, &actions)
        case .samples(let samples): append(samples, event, &actions)
        case .status(let stream, let status, let boot): take(status, stream, boot, event, &actions)
        case .mark(let stream, let boot, let time): mark(stream, boot, time, event, &actions)
        case .damage(let damage):
            state.damage += damage
            unreportedDamage += damage
        case .lost(let reason): lost(event.sensor, reason, event.bootTime, &actions)
        case .overflow(let bytes): overflow(bytes, event, &actions)
        case .trouble(let trouble, let text): take(trouble, text, event, &actions)
        }
    }

    // MARK: Sensors

    private mutating func found(
        _ number: Int, _ serial: String, _ driver: String, _ time: UInt64, _ actions: inout [RecorderAction]
    ) {
        var sensor = sensors[number] ?? Sensor()
        sensor.serial = serial
        sensor.driver = driver
        sensors[number] = sensor
        guard isRecording else { return }
        for lane in sensor.lanes.values.sorted() { found(lane, sensor, at: time, &actions) }
    }

    /// A leg's sensor is there, or there again.
    mutating func found(_ lane: Int, _ sensor: Sensor, at time: UInt64, _ actions: inout [RecorderAction]) {
        guard !state.lanes[lane].isConnected else { return }
        let isBack = state.lanes[lane].wasFound
        state.lanes[lane].isConnected = true
        state.lanes[lane].wasFound = true
        state.lanes[lane].serial = sensor.serial
        let text = "\(sensor.serial), \(sensor.driver)"
        actions.append(.event(.sensorFound, stream: lane, text, at: stamp(time)))
        let leg = lanes[lane].leg == .left ? "left" : "right"
        actions.append(.say("\(leg) leg: sensor \(sensor.serial) is \(isBack ? "back" : "there")"))
    }

    private mutating func set(
        _ number: Int, _ settings: SensorSettings, _ time: UInt64, _ actions: inout [RecorderAction]
    ) {
        var sensor = sensors[number] ?? Sensor()
        if sensor.serial.isEmpty { sensor.serial = settings.serial }
        let isFirst = sensor.settings == nil
        sensor.settings = settings
        let legs = options.assignment.possibleLegs
        for (index, stream) in settings.streams.enumerated() where sensor.lanes[UInt8(index)] == nil {
            let source = LegAssignment.Source(serial: sensor.serial, stream: UInt8(index))
            switch assignment.answer(to: source, saying: stream.leg) {
            case .leg(let leg): sensor.lanes[UInt8(index)] = legs.firstIndex(of: leg)
            case .unwanted: break
            case .ambiguous(let other):
                if isRecording {
                    actions.append(.say("sensor \(sensor.serial) could be the same leg as \(other): not recorded"))
                } else {
                    actions.append(.fail(.ambiguous(other, sensor.serial)))
                }
            }
        }
        sensor.isUnwanted = sensor.lanes.isEmpty
        sensors[number] = sensor
        guard isRecording else { return }
        for (stream, lane) in sensor.lanes.sorted(by: { $0.value < $1.value })
        where Int(stream) < settings.streams.count {
            let new = self.stream(lanes[lane].leg, settings.streams[Int(stream)], sensor.serial)
            let isOther =
                new.nominalRate != lanes[lane].settings.nominalRate || new.scale != lanes[lane].settings.scale
                || new.range != lanes[lane].settings.range
            if isOther {
                keepFit(lane, &actions, isEnd: true)
                lanes[lane].settings = new
                lanes[lane].fit = nil
                state.lanes[lane].rate = new.nominalRate
                actions.append(.set(stream: lane, new))
            }
            found(lane, sensor, at: time, &actions)
        }
        if isFirst { releaseHeld(&actions) }
    }

    private mutating func lost(
        _ number: Int, _ reason: LossReason, _ time: UInt64, _ actions: inout [RecorderAction]
    ) {
        guard let sensor = sensors[number] else { return }
        guard isRecording else {
            // Gone before the night began: whoever comes next is asked anew.
            sensors[number]?.settings = nil
            return
        }
        state.recoveries += 1
        for lane in sensor.lanes.values.sorted() where state.lanes[lane].isConnected {
            state.lanes[lane].isConnected = false
            actions.append(.event(.sensorLost, stream: lane, reason.rawValue, at: stamp(time)))
            let leg = lanes[lane].leg == .left ? "left" : "right"
            actions.append(.say("\(leg) leg: sensor \(sensor.serial) \(reason.rawValue)"))
        }
    }

    // MARK: Samples

    private mutating func append(_ samples: SensorSamples, _ event: SensorEvent, _ actions: inout [RecorderAction]) {
        let sensor = sensors[event.sensor]
        guard isRecording, let settings = sensor?.settings else {
            guard !(sensor?.isUnwanted ?? false) else { return }
            // Whose they are is not known yet, or the log is not begun.
            if held.count < Self.largestHold { held.append(event) }
            return
        }
        guard let lane = sensor?.lanes[samples.stream], Int(samples.stream) < settings.streams.count else { return }
        let rate = Double(lanes[lane].settings.nominalRate)
        let verdict = lanes[lane].timeline.take(
            firstIndex: samples.firstIndex, count: samples.count, boot: samples.boot, time: samples.deviceTime,
            rate: rate, overrun: samples.flags.contains(.overrun))
        guard case .append(let found, let skipped) = verdict else {
            state.lanes[lane].duplicates += Int64(samples.count)
            return
        }
        if lanes[lane].fit.map({ $0.boot != samples.boot }) ?? false {
            keepFit(lane, &actions, isEnd: true)
            lanes[lane].fit = nil
        }
        let stoodStill = clockStoodStill(samples, event, lane)
        if stoodStill {
            keepFit(lane, &actions, isEnd: true)
            lanes[lane].fit = nil
        }
        let gap = samples.declaredGap ?? found ?? (stoodStill ? Gap(.timeHole) : nil)
        if lanes[lane].isResumed {
            // The writer says so in the log by itself.
            lanes[lane].isResumed = false
            state.lanes[lane].gaps += 1
        }
        // Samples of a leg that was late are no gap of it.
        if let gap, !(lanes[lane].isFirst && gap.reason == .restart) {
            state.lanes[lane].gaps += 1
            state.lanes[lane].missingSamples += gap.samples ?? 0
            if gap.reason == .restart {
                actions.append(.event(.sensorRestarted, stream: lane, "", at: stamp(event.bootTime)))
            }
        }
        lanes[lane].isFirst = false
        state.lanes[lane].duplicates += Int64(skipped)
        state.lanes[lane].samples += Int64(samples.count - skipped)
        // The stamp is of the first sample that is taken.
        let shift = UInt64(Double(skipped) / rate * 1e6)
        let time = samples.deviceTime == 0 ? 0 : samples.deviceTime + shift
        let received = bootTime(of: samples, event, lane)
        var flags = samples.flags
        flags.remove(.overrun)
        let counts = skipped == 0 ? samples.counts : Array(samples.counts.dropFirst(3 * skipped))
        actions.append(
            .append(
                counts, stream: lane,
                at: stamp(
                    received + (samples.deviceTime == 0 ? 0 : shift * 1000), deviceBoot: samples.boot, deviceTime: time),
                after: gap, flags: flags))
        keepFit(lane, &actions, isEnd: false)
    }

    /// Whether the sensor's clock must have stood still since the fit began, as where its port slept with the host.
    ///
    /// The sensor counts on without a jump then, and nothing but the host's clock tells.
    private mutating func clockStoodStill(_ samples: SensorSamples, _ event: SensorEvent, _ lane: Int) -> Bool {
        guard options.correctsLateFrames, samples.deviceTime > 0, let fit = lanes[lane].fit,
            event.bootTime > fit.bootTime(ofDevice: samples.deviceTime) + Self.standstill
        else {
            lanes[lane].lateSince = nil
            return false
        }
        guard let since = lanes[lane].lateSince else {
            lanes[lane].lateSince = event.bootTime
            return false
        }
        let sleptLately = resumedAt.map { event.bootTime < $0 + Self.standstillPatience } ?? false
        guard event.bootTime >= since + (sleptLately ? Self.suspendPatience : Self.standstillPatience) else {
            return false
        }
        lanes[lane].lateSince = nil
        return true
    }

    /// When the host had the samples, or would have had them without a delay beyond the usual.
    private mutating func bootTime(of samples: SensorSamples, _ event: SensorEvent, _ lane: Int) -> UInt64 {
        guard options.correctsLateFrames, samples.deviceTime > 0 else { return event.bootTime }
        guard var fit = lanes[lane].fit else {
            lanes[lane].fit = ClockFit(boot: samples.boot, deviceTime: samples.deviceTime, bootTime: event.bootTime)
            return event.bootTime
        }
        fit.append(deviceTime: samples.deviceTime, bootTime: event.bootTime)
        lanes[lane].fit = fit
        if fit.frames >= Self.driftFrames { state.lanes[lane].drift = fit.drift }
        let estimate = fit.bootTime(ofDevice: samples.deviceTime)
        return event.bootTime > estimate + Self.lateness ? estimate : event.bootTime
    }

    /// Keeps the fit of a leg's clock every ten minutes, and at the end of each run of its sensor.
    mutating func keepFit(_ lane: Int, _ actions: inout [RecorderAction], isEnd: Bool) {
        guard isRecording, var fit = lanes[lane].fit else { return }
        guard isEnd || now.bootTime >= lanes[lane].nextFit else { return }
        let isFirst = lanes[lane].nextFit == 0
        lanes[lane].nextFit = now.bootTime + Self.statusInterval
        guard fit.frames >= Self.segmentFrames, isEnd || !isFirst else { return }
        let segment = fit.nextSegment(of: lane, hostBoot: options.hostBoot)
        lanes[lane].fit = fit
        actions.append(
            .event(.clockFit, stream: lane, segment.text, at: stamp(now.bootTime, deviceBoot: segment.deviceBoot)))
    }

    // MARK: All else

    private mutating func take(
        _ status: SensorStatus, _ stream: UInt8, _ boot: UInt32, _ event: SensorEvent,
        _ actions: inout [RecorderAction]
    ) {
        guard isRecording, let lane = sensors[event.sensor]?.lanes[stream] else { return }
        state.lanes[lane].battery = status.battery
        let isDue = event.bootTime >= lanes[lane].nextStatusReport
        let dropped = status.dropped != lanes[lane].lastDropped
        guard isDue || dropped && event.bootTime + Self.statusInterval >= lanes[lane].nextStatusReport + Self.minute
        else { return }
        lanes[lane].nextStatusReport = event.bootTime + Self.statusInterval
        lanes[lane].lastDropped = status.dropped
        let battery = status.battery.map { "battery \($0) mV, " } ?? ""
        actions.append(
            .event(
                .sensorStatus, stream: lane,
                "\(battery)\(status.temperature) °C, \(status.dropped) samples dropped",
                at: stamp(event.bootTime, deviceBoot: boot)))
    }

    private mutating func mark(
        _ stream: UInt8, _ boot: UInt32, _ time: UInt64, _ event: SensorEvent, _ actions: inout [RecorderAction]
    ) {
        guard isRecording else {
            held.append(event)
            return
        }
        actions.append(
            .event(
                .mark, stream: sensors[event.sensor]?.lanes[stream], "button",
                at: stamp(event.bootTime, deviceBoot: boot, deviceTime: time)))
    }

    private mutating func overflow(_ bytes: UInt64, _ event: SensorEvent, _ actions: inout [RecorderAction]) {
        guard isRecording else { return }
        let text = "the recorder was too slow: \(bytes) bytes are lost"
        actions.append(.event(.hostOverrun, stream: nil, text, at: stamp(event.bootTime)))
        actions.append(.say(text))
    }

    private mutating func take(
        _ trouble: SensorTrouble, _ text: String, _ event: SensorEvent, _ actions: inout [RecorderAction]
    ) {
        let words =
            switch trouble {
            case .cleared, .reset: "sensor \(sensors[event.sensor]?.serial ?? "") \(trouble.rawValue)"
            case .twin: "\(trouble.rawValue): \(text); the second one is not recorded"
            case .refused: "sensor \(text) is \(trouble.rawValue): not recorded"
            case .busy, .accessDenied, .notOpened, .noGapDetection, .otherRate: text
            }
        if trouble == .twin, !isRecording { actions.append(.fail(.ambiguous(text, text))) }
        if trouble == .cleared || trouble == .reset { state.recoveries += 1 }
        if !troubles.contains(words) { troubles.append(words) }
        actions.append(.say(words))
        guard isRecording else { return }
        actions.append(.event(.sensorTrouble, stream: nil, words, at: stamp(event.bootTime)))
    }
}

extension LegAssignment {
    /// The serial number that was named for a leg.
    func serial(of leg: Leg) -> String? { named[leg] }
}
