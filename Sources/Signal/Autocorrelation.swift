// SPDX-License-Identifier: GPL-3.0-or-later

/// The pairs of events so many places apart: for each lag from 0 to `maximumLag`, the sum of the products of the train of events
/// with itself, shifted.
///
/// The train has at each place the number of events there. Nothing wraps around, no mean is taken away. Rounding of single
/// precision leaves the counts of a night exact.
///
/// Long trains are taken piece by piece, each against itself and what follows it within the largest lag, and no train is ever
/// laid out whole: memory does not grow with it.
///
/// - Precondition: the places are sorted and not negative, and so is `maximumLag`.
/// - Complexity: O(*n* log *m*) for *n* places of the train and pieces of *m*, by way of cross-spectra
public func autocorrelation(ofEventsAt places: [Int], maximumLag: Int) -> [Float] {
    precondition(maximumLag >= 0, "a lag of \(maximumLag) is negative")
    var sums = [Float](repeating: 0, count: maximumLag + 1)
    guard let first = places.first, let last = places.last else { return sums }
    precondition(first >= 0, "an event at place \(first)")
    let count = last + 1
    // Zeros as long as the largest lag keep the end of a piece from meeting its start.
    let longest = max(longestTransform, fastTransformCount(atLeast: 4 * maximumLag))
    let piece = min(count, longest - 2 * maximumLag)
    let size = fastTransformCount(atLeast: piece + 2 * maximumLag)
    var own = RealTransform(count: size)
    var ahead = RealTransform(count: size)
    let scale = 1 / Float(size)
    var start = 0
    var event = 0
    while start < count {
        let end = min(start + piece, count)
        let following = end..<min(end + maximumLag, count)
        own.withSamples { samples in
            for index in 0..<size { samples[index] = 0 }
            while event < places.count, places[event] < end {
                precondition(event == 0 || places[event - 1] <= places[event], "event \(event) is not in order")
                samples[places[event] - start] += 1
                event += 1
            }
            ahead.withSamples { later in
                for index in 0..<size { later[index] = samples[index] }
                for place in places[event...].prefix(while: following.contains) { later[place - start] += 1 }
            }
        }
        own.forward()
        ahead.forward()
        ahead.withSpectrum { later in
            own.withSpectrum { spectrum in
                for bin in 0..<spectrum.count {
                    let (a, b) = (spectrum[bin], later[bin])
                    spectrum[bin] = SIMD2(a.x * b.x + a.y * b.y, a.x * b.y - a.y * b.x) * scale
                }
            }
        }
        own.inverse()
        own.withSamples { samples in
            for lag in 0...maximumLag { sums[lag] += samples[lag] }
        }
        start = end
    }
    return sums
}

/// Samples of a transform that the cache next to a core holds, where the largest lag does not ask for more.
private let longestTransform = 8192

/// The smallest power of two that holds `count` samples.
func fastTransformCount(atLeast count: Int) -> Int {
    var power = 1
    while power < count { power *= 2 }
    return power
}
