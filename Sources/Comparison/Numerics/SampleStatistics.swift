// SPDX-License-Identifier: GPL-3.0-or-later

extension Array<Double> {
    /// The arithmetic mean.
    var mean: Double { reduce(0, +) / Double(count) }

    /// The unbiased estimate of the variance.
    var sampleVariance: Double {
        let mean = mean
        return reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1)
    }

    /// The middle value, or the mean of the two middle ones.
    var median: Double {
        let ordered = sorted()
        let middle = count / 2
        return count.isMultiple(of: 2) ? (ordered[middle - 1] + ordered[middle]) / 2 : ordered[middle]
    }

    /// Twice each value's rank from 1 on; equal values share the mean of their ranks. Twice, so that it is whole.
    var doubledRanks: [Int] {
        let order = indices.sorted { self[$0] < self[$1] }
        var ranks = [Int](repeating: 0, count: count)
        var start = 0
        while start < count {
            var end = start + 1
            while end < count, self[order[end]] == self[order[start]] { end += 1 }
            for position in start..<end { ranks[order[position]] = start + 1 + end }
            start = end
        }
        return ranks
    }

    /// How many values each group of equal ones has, in order of value.
    var tieCounts: [Int] {
        var counts: [Int] = []
        var last: Double?
        for value in sorted() {
            if value == last { counts[counts.count - 1] += 1 } else { counts.append(1) }
            last = value
        }
        return counts
    }
}
