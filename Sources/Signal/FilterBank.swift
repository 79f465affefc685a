// SPDX-License-Identifier: GPL-3.0-or-later

/// Symmetric FIR filters of one length over the same three axes, by overlap-save, with their delay removed.
///
/// One forward transform serves all filters. Before the first and after the last sample of a stretch the signal is taken to
/// stay as it is there. Blocks lie at fixed places from the start of the stretch, so that output is the same bit for bit
/// however the stretch is cut into calls.
public struct FilterBank: ~Copyable {
    /// The filters.
    public let filterCount: Int
    /// Samples on each side of a filter's centre.
    public let reach: Int
    /// New samples in a block: the lag, in samples, of output behind input, beside ``reach``.
    public let blockSize: Int

    private var forward: RealTransform
    private var inverse: RealTransform
    /// The real spectrum of each filter (a centred symmetric kernel has no imaginary part), scaled for the inverse transform.
    private let responses: [[Float]]
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
        // Eight kernels long: short enough for the cache and for a live picture, long enough to waste little on the overlap.
        let size = fastTransformCount(atLeast: 8 * length)
        blockSize = size - 2 * reach
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
        self.responses = responses
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
        let size = forward.count
        for axis in 0..<3 {
            let available = min(size, inputs[axis].count - start)
            let axisInput = inputs[axis]
            forward.withSamples { samples in
                let input = axisInput.span
                for index in 0..<available { samples[index] = input[start + index] }
                for index in available..<size { samples[index] = 0 }
            }
            forward.forward()
            for filter in 0..<filterCount {
                let filterResponse = responses[filter]
                forward.withSpectrum { spectrum in
                    inverse.withSpectrum { product in
                        let response = filterResponse.span
                        for bin in 0..<spectrum.count { product[bin] = spectrum[bin] * response[bin] }
                    }
                }
                inverse.inverse()
                inverse.withSamples { samples in
                    output.append(samples.span.extracting(reach..<reach + valid), filter: filter, axis: axis)
                }
            }
        }
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

    /// The samples in it.
    public var count: Int { channels[0].count }

    /// One axis of one filter's output.
    public func samples(filter: Int, axis: Int) -> [Float] { channels[filter * 3 + axis] }

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
