// SPDX-License-Identifier: GPL-3.0-or-later
internal import LegMovements
internal import Recordings

/// What happens beside the leg movements.
extension NightPlan {
    /// Walks: getting up, steps with stops between, coming back, lying down.
    mutating func planOutings(_ generator: inout SplitMix64) {
        for start in generator.arrivals(hourly: settings.profile.outings, until: settings.duration - 240) {
            var own = generator.branch()
            let span = start..<start + own.uniform(70...220)
            let reserved = span.lowerBound - 12..<span.upperBound + 12
            guard settings.legs.allSatisfy({ isFree($0, reserved) }) else { continue }
            let (up, down) = (own.uniform(4...8), own.uniform(5...9))
            turnBoth("getup", to: .upright, span.lowerBound..<span.lowerBound + up, &own)
            turnBoth("liedown", to: .lying, span.upperBound - down..<span.upperBound, &own)
            walk(span.lowerBound + up + own.uniform(3...12)..<span.upperBound - down - 3, &own)
            for leg in settings.legs { reserve(leg, reserved) }
            noteOutOfBed(span)
        }
    }

    private mutating func turnBoth(
        _ name: String, to target: LegEvent.Turn.Target, _ span: Range<Double>, _ generator: inout SplitMix64
    ) {
        let number = newEvent()
        for leg in settings.legs {
            let turn = LegEvent.Turn(name: name, target: target, shaking: generator.uniform(0.10...0.35))
            let start = span.lowerBound + generator.uniform(0...0.4)
            place(.turn(turn), number, on: leg, start..<span.upperBound, drawnBy: &generator)
        }
    }

    private mutating func walk(_ span: Range<Double>, _ generator: inout SplitMix64) {
        let strideRate = generator.uniform(0.6...1.0)
        var start = span.lowerBound
        while start + 6 < span.upperBound {
            let end = min(span.upperBound, start + generator.uniform(12...45))
            let number = newEvent()
            let strength = generator.uniform(0.3...1.5)
            for (index, leg) in settings.legs.enumerated() {
                let walk = LegEvent.Walk(
                    strideRate: strideRate, strength: strength * generator.uniform(0.85...1.15),
                    swing: generator.uniform(10...22) * .pi / 180, phase: Double(index) / 2)
                place(.walk(walk), number, on: leg, start..<end, drawnBy: &generator)
            }
            start = end + generator.uniform(6...30)
            // Standing people shift their weight.
            if start < span.upperBound, generator.chance(0.6) {
                let time = end + generator.uniform(2...3.5)
                let motion = LegEvent.BedMotion(
                    name: "standing", strength: generator.uniform(0.01...0.06), isCommon: false)
                for leg in settings.legs {
                    place(
                        .bedMotion(motion), newEvent(), on: leg, time..<time + generator.uniform(0.7...2.5),
                        drawnBy: &generator)
                }
            }
        }
    }

    /// Changes of posture by 20 to 120° in 3 to 20 s, most of them of both legs.
    mutating func planTurns(_ generator: inout SplitMix64) {
        for time in generator.arrivals(hourly: settings.profile.turns, until: settings.duration) {
            var own = generator.branch()
            let leader: Leg = own.chance(0.5) ? .left : .right
            let isOfBoth = own.chance(0.7)
            let duration = own.uniform(3...(isOfBoth ? 20 : 8))
            let number = newEvent()
            for leg in isOfBoth ? Leg.allCases : [leader] {
                let start = time + own.uniform(0...0.4)
                let angle = own.logUniform(20...120) * .pi / 180
                let span = start..<start + duration * own.uniform(0.8...1)
                let shaking = own.uniform(0.05...0.35)
                guard isFree(leg, span.lowerBound - 3..<span.upperBound + 3) else { continue }
                let turn = LegEvent.Turn(name: isOfBoth ? "turn" : "leg", target: .by(angle), shaking: shaking)
                place(.turn(turn), number, on: leg, span, margin: 1.5, drawnBy: &own)
            }
        }
    }

    /// Foot tremor and alternating muscle activation, two thirds of them awake (Yang and Winkelman 2010).
    mutating func planTrains(_ generator: inout SplitMix64) {
        for arrival in generator.arrivals(hourly: settings.profile.trains, until: settings.duration) {
            var own = generator.branch()
            var time = arrival
            if own.chance(0.64), !course.wake.isEmpty {
                let bout = course.wake[own.integer(0...course.wake.count - 1)]
                time = own.uniform(bout.lowerBound...bout.upperBound)
            }
            let isAlternating = settings.legs.count == 2 && own.chance(0.3)
            let leader: Leg = own.chance(0.5) ? .left : .right
            let frequency = isAlternating ? own.uniform(0.5...2.0) : own.uniform(0.8...2.2)
            let burst = min(
                isAlternating ? own.uniform(0.2...0.5) : own.uniform(0.3...0.7), 0.7 / frequency)
            let span = time..<time + max(isAlternating ? own.uniform(5...15) : own.uniform(10...15), 5 / frequency)
            let legs = isAlternating || own.chance(0.4) ? settings.legs : [leader]
            let (number, seed) = (newEvent(), own.next())
            guard legs.allSatisfy({ isFree($0, span.lowerBound - 5..<span.upperBound + 5) }) else { continue }
            for leg in legs {
                let train = LegEvent.Train(
                    name: isAlternating ? "alma" : "hft", frequency: frequency, burst: burst,
                    angle: own.uniform(1...6) * .pi / 180, phase: isAlternating && leg == .right ? 0.5 : 0)
                place(.train(train), number, on: leg, span, margin: 3, sharedSeed: seed, drawnBy: &own)
            }
        }
    }

    /// Coughs and the partner move both legs alike, the linen and a knock one; a mattress moves what lies on it.
    mutating func planBedMotions(_ generator: inout SplitMix64) {
        for time in generator.arrivals(hourly: settings.profile.bedMotions, until: settings.duration) {
            var own = generator.branch()
            let draw = own.uniform()
            let (name, strength, duration) =
                draw < 0.15
                ? ("cough", own.uniform(0.02...0.05), own.uniform(0.8...2))
                : draw < 0.45
                    ? ("partner", own.logUniform(0.004...0.040), own.uniform(0.5...2))
                    : draw < 0.85
                        ? ("sheet", own.logUniform(0.004...0.040), own.uniform(0.4...3))
                        : ("tap", own.uniform(0.05...0.3), 0.15)
            let isCommon = draw < 0.45
            let leader: Leg = own.chance(0.5) ? .left : .right
            let (number, seed) = (newEvent(), own.next())
            for leg in isCommon ? Leg.allCases : [leader] {
                let span = time..<time + duration
                guard isFree(leg, span) else { continue }
                let motion = LegEvent.BedMotion(
                    name: name, strength: strength * own.uniform(0.85...1.15), isCommon: isCommon)
                place(.bedMotion(motion), number, on: leg, span, sharedSeed: seed, drawnBy: &own)
            }
        }
        for leg in settings.legs {
            for absence in legs[leg]?.nonwear ?? [] where absence.place == .mattress {
                let length = absence.span.upperBound - absence.span.lowerBound
                for time in generator.arrivals(hourly: 8, until: length - 5) {
                    let motion = LegEvent.BedMotion(
                        name: "mattress", strength: generator.logUniform(0.003...0.025), isCommon: false)
                    let start = absence.span.lowerBound + time
                    place(
                        .bedMotion(motion), newEvent(), on: leg, start..<start + generator.uniform(0.5...4),
                        drawnBy: &generator)
                }
            }
        }
    }
}
