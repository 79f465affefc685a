// SPDX-License-Identifier: GPL-3.0-or-later
internal import CFFTW
internal import Synchronization

/// A complex Fourier transform that takes two real signals at once, and its inverse, with the buffers that they work in.
///
/// One signal is the real part and the other the imaginary part, each in a buffer of its own. A filter with a real response does
/// not mix them. Plans are estimated and nothing is scaled, as in ``RealTransform``.
@safe
struct PairTransform: ~Copyable, @unchecked Sendable {  // sole owner of its buffers and plans
    /// The samples of each signal, and the bins of the spectrum.
    let count: Int

    private let samples: Parts
    private let spectrum: Parts
    private let forwardPlan: fftwf_plan
    private let inversePlan: fftwf_plan

    @safe
    private struct Parts {
        let real: UnsafeMutableBufferPointer<Float>
        let imaginary: UnsafeMutableBufferPointer<Float>

        init(count: Int) {
            guard let real = unsafe fftwf_alloc_real(count), let imaginary = unsafe fftwf_alloc_real(count) else {
                preconditionFailure("no memory for a transform of \(count) samples")
            }
            unsafe self.real = UnsafeMutableBufferPointer(start: real, count: count)
            unsafe self.imaginary = UnsafeMutableBufferPointer(start: imaginary, count: count)
            unsafe self.real.initialize(repeating: 0)
            unsafe self.imaginary.initialize(repeating: 0)
        }

        func free() {
            unsafe fftwf_free(real.baseAddress)
            unsafe fftwf_free(imaginary.baseAddress)
        }
    }

    /// A transform of `count` samples of two signals, all zero.
    ///
    /// - Precondition: `count` is positive and fits a 32-bit integer.
    init(count: Int) {
        precondition(count > 0 && count <= Int32.max, "a transform of \(count) samples is not in 1...\(Int32.max)")
        samples = Parts(count: count)
        spectrum = Parts(count: count)
        var dimension = fftwf_iodim(n: Int32(count), is: 1, os: 1)
        let (time, bins) = (samples, spectrum)
        var plans: (forward: fftwf_plan?, inverse: fftwf_plan?)
        planner.withLock { _ in
            unsafe plans.forward = unsafe fftwf_plan_guru_split_dft(
                1, &dimension, 0, nil, time.real.baseAddress, time.imaginary.baseAddress, bins.real.baseAddress,
                bins.imaginary.baseAddress, UInt32(FFTW_ESTIMATE))
            // The same with the parts exchanged goes back.
            unsafe plans.inverse = unsafe fftwf_plan_guru_split_dft(
                1, &dimension, 0, nil, bins.imaginary.baseAddress, bins.real.baseAddress, time.imaginary.baseAddress,
                time.real.baseAddress, UInt32(FFTW_ESTIMATE))
        }
        guard let forwardPlan = unsafe plans.forward, let inversePlan = unsafe plans.inverse else {
            preconditionFailure("FFTW has no plan for \(count) samples")
        }
        self.count = count
        unsafe self.forwardPlan = unsafe forwardPlan
        unsafe self.inversePlan = unsafe inversePlan
    }

    deinit {
        planner.withLock { _ in
            unsafe fftwf_destroy_plan(forwardPlan)
            unsafe fftwf_destroy_plan(inversePlan)
        }
        samples.free()
        spectrum.free()
    }

    /// Lends the time buffers of both signals, to be filled or read in place.
    mutating func withSamples<Result: ~Copyable, Failure: Error>(
        _ body: (_ first: inout MutableSpan<Float>, _ second: inout MutableSpan<Float>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        var first = unsafe MutableSpan(_unsafeElements: samples.real)
        var second = unsafe MutableSpan(_unsafeElements: samples.imaginary)
        return try body(&first, &second)
    }

    /// Lends both parts of the spectrum, to be filled or read in place.
    mutating func withSpectrum<Result: ~Copyable, Failure: Error>(
        _ body: (_ real: inout MutableSpan<Float>, _ imaginary: inout MutableSpan<Float>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        var real = unsafe MutableSpan(_unsafeElements: spectrum.real)
        var imaginary = unsafe MutableSpan(_unsafeElements: spectrum.imaginary)
        return try body(&real, &imaginary)
    }

    /// Fills the spectrum from the time buffers, unscaled; the samples stay as they are.
    mutating func forward() { unsafe fftwf_execute(forwardPlan) }

    /// Fills the time buffers from the spectrum, unscaled; the spectrum stays as it is.
    mutating func inverse() { unsafe fftwf_execute(inversePlan) }
}
