// SPDX-License-Identifier: GPL-3.0-or-later
internal import Signal

/// An electromyogram in its band, rectified: the amplitude in µV, sample by sample.
///
/// Output depends on the samples of a stretch alone, not on how they are cut into calls.
struct EMGFilter: ~Copyable {
    private var bank: FilterBank
    private var grid = GridBlock()
    private var filtered = FilteredBlock(filterCount: 1)
    private var next: Int64 = 0

    init(rate: Double, parameters: EMGParameters) {
        bank = FilterBank(kernels: [parameters.kernel(rate: rate)])
    }

    /// Takes the next samples, in µV, and appends the amplitudes that are settled.
    mutating func append(_ samples: [Float], to amplitudes: inout [Float]) {
        grid.removeAll()
        grid.append(samples.span, at: next)
        next += Int64(samples.count)
        bank.append(grid, to: &filtered)
        take(&amplitudes)
    }

    /// Ends the stretch.
    mutating func finish(into amplitudes: inout [Float]) {
        bank.finish(into: &filtered)
        take(&amplitudes)
        next = 0
    }

    private mutating func take(_ amplitudes: inout [Float]) {
        for value in filtered.samples(filter: 0, axis: 0) { amplitudes.append(abs(value)) }
        filtered.removeAll()
    }
}
