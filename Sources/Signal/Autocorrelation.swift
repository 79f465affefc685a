// SPDX-License-Identifier: GPL-3.0-or-later

/// The sums of products of a train with itself, shifted by 0 to `maximumLag` places.
///
/// Entry *k* is the sum of `train[i] * train[i + k]`; nothing wraps around, no mean is taken away, nothing is scaled.
/// Where the true sums are small whole numbers, rounding gives them exactly.
///
/// Long trains are taken piece by piece, each against itself and what follows it within the largest lag, so that memory
/// does not grow with them.
///
/// - Precondition: `maximumLag` is not negative.
/// - Complexity: O(*n* log *m*) for *n* = `train.count` and pieces of *m* places, by way of cross-spectra
public func autocorrelation(of train: [Float], maximumLag: Int) -> [Float] {
    precondition(maximumLag >= 0, "a lag of \(maximumLag) is negative")
    var sums = [Float](repeating: 0, count: maximumLag + 1)
    guard !train.isEmpty else { return sums }
    let piece = min(train.count, max(longestPiece, maximumLag))
    // Zeros as long as the largest lag keep the end of a piece from meeting its start.
    let size = fastTransformCount(atLeast: piece + 2 * maximumLag)
    var own = RealTransform(count: size)
    var ahead = RealTransform(count: size)
    let scale = 1 / Float(size)
    var start = 0
    while start < train.count {
        let end = min(start + piece, train.count)
        let reach = min(end + maximumLag, train.count)
        own.withSamples { samples in
            for index in 0..<size { samples[index] = index < end - start ? train[start + index] : 0 }
        }
        ahead.withSamples { samples in
            for index in 0..<size { samples[index] = index < reach - start ? train[start + index] : 0 }
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

/// Places of a train in a piece: nine hours of half seconds.
private let longestPiece = 65_536

/// The smallest power of two that holds `count` samples.
func fastTransformCount(atLeast count: Int) -> Int {
    var power = 1
    while power < count { power *= 2 }
    return power
}
