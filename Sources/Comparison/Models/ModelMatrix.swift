// SPDX-License-Identifier: GPL-3.0-or-later

/// What explains the nights in a model: a constant first, then the effect of interest, then what is adjusted for.
package struct ModelMatrix {
    /// Night by night, `width` values each.
    private(set) var rows: [Double]
    let width: Int

    /// Where the effect of interest stands.
    static let effect = 1

    /// A constant and these columns; all but the effect, the first of them, are centred.
    package init(_ columns: [[Double]]) {
        let count = columns.first?.count ?? 0
        width = columns.count + 1
        rows = []
        rows.reserveCapacity(count * width)
        let centres = columns.enumerated().map { $0.offset == 0 ? 0 : $0.element.mean }
        for night in 0..<count {
            rows.append(1)
            for (column, centre) in zip(columns, centres) { rows.append(column[night] - centre) }
        }
    }

    /// A constant alone.
    init(constantOf count: Int) {
        rows = Array(repeating: 1, count: count)
        width = 1
    }

    /// How many nights there are.
    var count: Int { rows.count / width }

    /// What coefficients give for each night.
    func times(_ coefficients: [Double]) -> [Double] {
        (0..<count).map { night in
            var sum = 0.0
            for column in 0..<width { sum += rows[night * width + column] * coefficients[column] }
            return sum
        }
    }

    /// X'WX for weights W, row by row.
    func crossProduct(weights: [Double]) -> [Double] {
        var product = [Double](repeating: 0, count: width * width)
        for night in 0..<count {
            for row in 0..<width {
                let weighted = rows[night * width + row] * weights[night]
                for column in 0...row { product[row * width + column] += weighted * rows[night * width + column] }
            }
        }
        for row in 0..<width {
            for column in 0..<row { product[column * width + row] = product[row * width + column] }
        }
        return product
    }

    /// X'v for a vector v.
    func crossProduct(_ vector: [Double]) -> [Double] {
        var product = [Double](repeating: 0, count: width)
        for night in 0..<count {
            for column in 0..<width { product[column] += rows[night * width + column] * vector[night] }
        }
        return product
    }
}
