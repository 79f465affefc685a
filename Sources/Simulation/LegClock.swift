// SPDX-License-Identifier: GPL-3.0-or-later
internal import LegMovements

/// When a leg's sensor samples, and what its clock shows then.
///
/// True time is in seconds from the first sample of the leg that starts first.
struct LegClock: Hashable {
    /// The true time of the first sample.
    let start: Double
    /// True samples a second.
    let rate: Double
    /// How far the sensor's clock is ahead at the start, in seconds.
    let offset: Double
    /// How much too fast it runs, in parts per million.
    let drift: Double

    /// A sensor's true rate is 2 % below to 0.5 % above what it was set to, as those of the parts' data sheets are.
    init(
        _ settings: SimulationSettings, isFirst: Bool, drawnBy generator: inout SplitMix64
    ) {
        let error = generator.uniform(-0.02...0.005)
        let late = generator.uniform(0.05...2)
        let ahead = generator.normal(deviation: 0.02)
        let drift = generator.uniform(-10...10)
        rate = Double(settings.rate) * (1 + (settings.rateError ?? error))
        // Whoever starts first sets the time from which all times count.
        start = isFirst ? 0 : min(late, settings.duration / 4)
        offset = isFirst || !settings.hasOwnClocks ? 0 : ahead
        self.drift = settings.hasOwnClocks ? drift : 0
    }

    /// The true time of a sample.
    func time(of index: Int) -> Double { start + Double(index) / rate }

    /// The first sample at or after a true time.
    func index(at time: Double) -> Int { Int(((time - start) * rate).rounded(.up)) }

    /// What the sensor's clock shows at a true time.
    func shown(at time: Double) -> Double { time * (1 + drift * 1e-6) + offset }
}
