// SPDX-License-Identifier: GPL-3.0-or-later

/// The sums of products of a train with itself, shifted by 0 to `maximumLag` places.
///
/// Entry *k* is the sum of `train[i] * train[i + k]`; nothing wraps around, no mean is taken away, nothing is scaled.
/// Where the true sums are small whole numbers, rounding gives them exactly.
///
/// - Precondition: `maximumLag` is not negative.
/// - Complexity: O(*n* log *n*) for *n* = `train.count + maximumLag`, by way of the power spectrum
public func autocorrelation(of train: [Float], maximumLag: Int) -> [Float] {
    precondition(maximumLag >= 0, "a lag of \(maximumLag) is negative")
    guard !train.isEmpty else { return Array(repeating: 0, count: maximumLag + 1) }
    // Zeros as long as the largest lag keep the end of the train from meeting its start.
    var transform = RealTransform(count: fastTransformCount(atLeast: train.count + maximumLag))
    transform.withSamples { samples in
        for index in train.indices { samples[index] = train[index] }
    }
    transform.forward()
    let scale = 1 / Float(transform.count)
    transform.withSpectrum { spectrum in
        for bin in 0..<spectrum.count {
            let value = spectrum[bin]
            spectrum[bin] = SIMD2((value * value).sum() * scale, 0)
        }
    }
    transform.inverse()
    return transform.withSamples { samples in
        var sums: [Float] = []
        sums.reserveCapacity(maximumLag + 1)
        for lag in 0...maximumLag { sums.append(samples[lag]) }
        return sums
    }
}

/// The smallest power of two that holds `count` samples.
func fastTransformCount(atLeast count: Int) -> Int {
    var power = 1
    while power < count { power *= 2 }
    return power
}
