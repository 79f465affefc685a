// SPDX-License-Identifier: GPL-3.0-or-later
internal import CFFTW
internal import Synchronization

/// A real-to-complex Fourier transform of one length and its inverse, with the buffers that they work in.
///
/// Plans are estimated, never measured, so that the same samples give the same bits in every run on a machine.
/// Neither direction scales: forward and back again multiplies every sample by ``count``.
@safe
public struct RealTransform: ~Copyable, @unchecked Sendable {  // sole owner of its buffers and plans
    /// The samples in the time buffer.
    public let count: Int
    /// The bins of the spectrum, from zero frequency up to half the sampling rate: `count / 2 + 1`.
    public let binCount: Int

    private let samples: UnsafeMutableBufferPointer<Float>
    private let spectrum: UnsafeMutableBufferPointer<SIMD2<Float>>
    private let forwardPlan: fftwf_plan
    private let inversePlan: fftwf_plan

    /// A transform of `count` samples, all zero.
    ///
    /// - Precondition: `count` is positive and fits a 32-bit integer.
    public init(count: Int) {
        precondition(count > 0 && count <= Int32.max, "a transform of \(count) samples is not in 1...\(Int32.max)")
        let bins = count / 2 + 1
        guard let time = unsafe fftwf_alloc_real(count), let complex = unsafe fftwf_alloc_complex(bins) else {
            preconditionFailure("no memory for a transform of \(count) samples")
        }
        var plans: (forward: fftwf_plan?, inverse: fftwf_plan?)
        planner.withLock { _ in
            unsafe plans.forward = unsafe fftwf_plan_dft_r2c_1d(Int32(count), time, complex, UInt32(FFTW_ESTIMATE))
            unsafe plans.inverse = unsafe fftwf_plan_dft_c2r_1d(Int32(count), complex, time, UInt32(FFTW_ESTIMATE))
        }
        guard let forwardPlan = unsafe plans.forward, let inversePlan = unsafe plans.inverse else {
            preconditionFailure("FFTW has no plan for \(count) samples")
        }
        self.count = count
        binCount = bins
        unsafe samples = UnsafeMutableBufferPointer(start: time, count: count)
        // FFTW's complex is two floats, real part first, and its allocation is aligned for SIMD: the layout of SIMD2.
        unsafe spectrum = UnsafeMutableBufferPointer(
            start: UnsafeMutableRawPointer(complex).bindMemory(to: SIMD2<Float>.self, capacity: bins), count: bins)
        unsafe self.forwardPlan = unsafe forwardPlan
        unsafe self.inversePlan = unsafe inversePlan
        unsafe samples.initialize(repeating: 0)
        unsafe spectrum.initialize(repeating: .zero)
    }

    deinit {
        planner.withLock { _ in
            unsafe fftwf_destroy_plan(forwardPlan)
            unsafe fftwf_destroy_plan(inversePlan)
        }
        unsafe fftwf_free(samples.baseAddress)
        unsafe fftwf_free(spectrum.baseAddress)
    }

    /// Lends the time buffer, to be filled or read in place.
    public mutating func withSamples<Result: ~Copyable, Failure: Error>(
        _ body: (inout MutableSpan<Float>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        var span = unsafe MutableSpan(_unsafeElements: samples)
        return try body(&span)
    }

    /// Lends the spectrum, to be filled or read in place: `x` is the real part of a bin, `y` the imaginary part.
    public mutating func withSpectrum<Result: ~Copyable, Failure: Error>(
        _ body: (inout MutableSpan<SIMD2<Float>>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        var span = unsafe MutableSpan(_unsafeElements: spectrum)
        return try body(&span)
    }

    /// Lends the spectrum as numbers: real and imaginary part of each bin in turn.
    mutating func withSpectrumParts<Result: ~Copyable, Failure: Error>(
        _ body: (inout MutableSpan<Float>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe spectrum.withMemoryRebound(to: Float.self) { parts throws(Failure) in
            var span = unsafe MutableSpan(_unsafeElements: parts)
            return try body(&span)
        }
    }

    /// Fills the spectrum from the time buffer, unscaled; the samples stay as they are.
    ///
    /// - Complexity: O(*n* log *n*)
    public mutating func forward() {
        unsafe fftwf_execute(forwardPlan)
    }

    /// Fills the time buffer from the spectrum, unscaled: `count` times what ``forward()`` started from.
    ///
    /// The spectrum is scratch space afterwards.
    ///
    /// - Complexity: O(*n* log *n*)
    public mutating func inverse() {
        unsafe fftwf_execute(inversePlan)
    }
}

/// Lets one thread at a time into FFTW's planner, which is not thread-safe.
let planner = Mutex(())
