// SPDX-License-Identifier: GPL-3.0-or-later

/// Symmetric FIR filters of one length over the same three axes, by overlap-save, with their delay removed.
///
/// One forward transform serves all filters, and two axes share a complex one: real responses do not mix them. Before the first and after the last sample of a stretch the signal is taken to
/// stay as it is there. Blocks lie at fixed places from the start of the stretch, so that output is the same bit for bit
/// however the stretch is cut into calls.
public struct FilterBank: ~Copyable {
    /// The filters.
    public let filterCount: Int
    /// Samples on each side of a filter's centre.
    public let reach: Int
    /// New samples in a block: the lag, in samples, of output behind input, beside ``reach``.
    public let blockSize: Int

    /// The first two axes together, forward and back.
    private var pairForward: PairTransform
    private var pairInverse: PairTransform
    /// The third axis.
    private var forward: RealTransform
    private var inverse: RealTransform
    /// The real spectrum of each filter (a centred symmetric kernel has no imaginary part), scaled for the inverse transform: up
    /// to half the rate, each value twice, for both parts of a bin; and mirrored to all of the rate.
    private let responses: [[Float]]
    private let pairResponses: [[Float]]
    private var inputs: [[Float]] = [[], [], []]
    private var padded = false

    /// A bank of filters.
    ///
    /// - Precondition: all kernels have one odd length and are symmetric.
    public init(kernels: [[Float]]) {
        precondition(!kernels.isEmpty, "a bank needs a filter")
        let length = kernels[0].count
        precondition(length % 2 == 1, "a kernel of \(length) taps has no centre")
        for kernel in kernels {
            precondition(kernel.count == length, "kernels of \(length) and \(kernel.count) taps in one bank")
            precondition(kernel.elementsEqual(kernel.reversed()), "a kernel is not symmetric")
        }
        filterCount = kernels.count
        reach = length / 2
        // Four kernels long or more: short enough for the innermost cache and for a live picture, long enough to waste little
        // on the overlap.
        let size = fastTransformCount(atLeast: 4 * length)
        blockSize = size - 2 * reach
        pairForward = PairTransform(count: size)
        pairInverse = PairTransform(count: size)
        forward = RealTransform(count: size)
        inverse = RealTransform(count: size)
        var responses: [[Float]] = []
        for kernel in kernels {
            forward.withSamples { samples in
                for index in 0..<size { samples[index] = 0 }
                for tap in 0..<length {
                    samples[(tap - length / 2 + size) % size] = kernel[tap] / Float(size)
                }
            }
            forward.forward()
            responses.append(
                forward.withSpectrum { spectrum in
                    var response: [Float] = []
                    for bin in 0..<spectrum.count { response.append(spectrum[bin].x) }
                    return response
                })
        }
        self.responses = responses.map { $0.flatMap { [$0, $0] } }
        pairResponses = responses.map { $0 + $0[1..<size - size / 2].reversed() }
    }

    /// Filters samples of the stretch, and appends what comes out.
    public mutating func append(_ grid: GridBlock, to output: inout FilteredBlock) {
        guard grid.count > 0 else { return }
        if !padded {
            for (axis, first) in [grid.x[0], grid.y[0], grid.z[0]].enumerated() {
                inputs[axis].append(contentsOf: repeatElement(first, count: reach))
            }
            padded = true
            output.begin(at: grid.firstIndex)
        }
        inputs[0].append(contentsOf: grid.x)
        inputs[1].append(contentsOf: grid.y)
        inputs[2].append(contentsOf: grid.z)
        var start = 0
        while inputs[0].count - start >= forward.count {
            filter(from: start, valid: blockSize, &output)
            start += blockSize
        }
        if start > 0 { for axis in 0..<3 { inputs[axis].removeFirst(start) } }
    }

    /// Ends the stretch: appends all that is left, and forgets it.
    public mutating func finish(into output: inout FilteredBlock) {
        guard padded else { return }
        for axis in 0..<3 {
            let last = inputs[axis][inputs[axis].count - 1]
            inputs[axis].append(contentsOf: repeatElement(last, count: reach))
        }
        var start = 0
        while inputs[0].count - start > 2 * reach {
            let valid = min(blockSize, inputs[0].count - start - 2 * reach)
            filter(from: start, valid: valid, &output)
            start += valid
        }
        for axis in 0..<3 { inputs[axis].removeAll(keepingCapacity: true) }
        padded = false
    }

    private mutating func filter(from start: Int, valid: Int, _ output: inout FilteredBlock) {
        filterPair(from: start, valid, &output)
        filterThird(from: start, valid, &output)
    }

    private mutating func filterPair(from start: Int, _ valid: Int, _ output: inout FilteredBlock) {
        let available = min(pairForward.count, inputs[0].count - start)
        let (x, y) = (inputs[0], inputs[1])
        pairForward.withSamples { first, second in
            fill(&first, x.span.extracting(start..<start + available))
            fill(&second, y.span.extracting(start..<start + available))
        }
        pairForward.forward()
        for filter in 0..<filterCount {
            let response = pairResponses[filter]
            pairForward.withSpectrum { real, imaginary in
                pairInverse.withSpectrum { realProduct, imaginaryProduct in
                    multiply(
                        real.span, imaginary.span, by: response.span, into: &realProduct, &imaginaryProduct)
                }
            }
            pairInverse.inverse()
            pairInverse.withSamples { first, second in
                output.append(first.span.extracting(reach..<reach + valid), filter: filter, axis: 0)
                output.append(second.span.extracting(reach..<reach + valid), filter: filter, axis: 1)
            }
        }
    }

    private mutating func filterThird(from start: Int, _ valid: Int, _ output: inout FilteredBlock) {
        let available = min(forward.count, inputs[2].count - start)
        let axisInput = inputs[2]
        forward.withSamples { samples in
            fill(&samples, axisInput.span.extracting(start..<start + available))
        }
        forward.forward()
        for filter in 0..<filterCount {
            let response = responses[filter]
            forward.withSpectrumParts { spectrum in
                inverse.withSpectrumParts { product in multiply(spectrum.span, response.span, into: &product) }
            }
            inverse.inverse()
            inverse.withSamples { samples in
                output.append(samples.span.extracting(reach..<reach + valid), filter: filter, axis: 2)
            }
        }
    }
}

/// Fills a buffer with samples, and with zeros behind them.
private func fill(_ buffer: inout MutableSpan<Float>, _ samples: Span<Float>) {
    for index in 0..<min(samples.count, buffer.count) { buffer[index] = samples[index] }
    for index in min(samples.count, buffer.count)..<buffer.count { buffer[index] = 0 }
}

/// Multiplies place by place.
private func multiply(_ spectrum: Span<Float>, _ response: Span<Float>, into product: inout MutableSpan<Float>) {
    // The same count for all three spares the loop its checks.
    let spectrum = spectrum.extracting(0..<product.count)
    let response = response.extracting(0..<product.count)
    for bin in 0..<product.count { product[bin] = spectrum[bin] * response[bin] }
}

/// Multiplies two signals by one, place by place.
private func multiply(
    _ real: Span<Float>, _ imaginary: Span<Float>, by response: Span<Float>, into realProduct: inout MutableSpan<Float>,
    _ imaginaryProduct: inout MutableSpan<Float>
) {
    let count = response.count
    precondition(realProduct.count == count && imaginaryProduct.count == count, "spectra of different lengths")
    let (real, imaginary) = (real.extracting(0..<count), imaginary.extracting(0..<count))
    for bin in 0..<count {
        realProduct[bin] = real[bin] * response[bin]
        imaginaryProduct[bin] = imaginary[bin] * response[bin]
    }
}

/// The outputs of a ``FilterBank`` for the same samples: three axes for each filter.
public struct FilteredBlock: Sendable {
    /// The grid instant of the first sample.
    public private(set) var firstIndex: Int64 = 0
    private var channels: [[Float]]

    /// An empty block for the outputs of `filterCount` filters.
    public init(filterCount: Int) {
        channels = Array(repeating: [], count: filterCount * 3)
    }

    /// The samples in it of the last filter, and of all whose samples were not exchanged.
    public var count: Int { channels[channels.count - 1].count }

    /// One axis of one filter's output.
    public func samples(filter: Int, axis: Int) -> [Float] { channels[filter * 3 + axis] }

    /// Exchanges the samples of one filter, other than the last, with the caller's.
    ///
    /// Output is appended to whatever is here: who gathers much of it lends the arrays that it goes to, and takes them back by a
    /// second exchange.
    public mutating func exchange(filter: Int, _ x: inout [Float], _ y: inout [Float], _ z: inout [Float]) {
        precondition(filter * 3 + 3 < channels.count, "the last filter's samples tell the count")
        swap(&x, &channels[filter * 3])
        swap(&y, &channels[filter * 3 + 1])
        swap(&z, &channels[filter * 3 + 2])
    }

    /// Empties it; what comes next follows what was in it.
    public mutating func removeAll() {
        firstIndex += Int64(count)
        for channel in channels.indices { channels[channel].removeAll(keepingCapacity: true) }
    }

    mutating func begin(at index: Int64) { firstIndex = index }

    mutating func append(_ samples: Span<Float>, filter: Int, axis: Int) {
        channels[filter * 3 + axis].append(contentsOf: samples)
    }
}

extension [Float] {
    /// Appends what a span holds.
    mutating func append(contentsOf samples: Span<Float>) {
        // A copy in one piece, without zeros written first.
        unsafe samples.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}
