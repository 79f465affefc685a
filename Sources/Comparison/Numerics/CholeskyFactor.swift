// SPDX-License-Identifier: GPL-3.0-or-later
internal import CGSL
internal import Glibc

/// The Cholesky factor of a small symmetric positive definite matrix.
struct CholeskyFactor {
    private var elements: [Double]
    let width: Int

    /// A column whose own part falls below this share of its length is taken for a mixture of the columns before it.
    private static let smallestOwnShare = 1e-11

    /// Factors a matrix given row by row; nil where it is not positive definite, or so nearly that the digits are gone.
    init?(_ matrix: [Double], width: Int) {
        precondition(matrix.count == width * width, "\(matrix.count) elements for a matrix \(width) wide")
        _ = gslReportsInsteadOfAborting
        elements = matrix
        self.width = width
        let diagonal = (0..<width).map { matrix[$0 * width + $0] }
        guard matrix.allSatisfy(\.isFinite) else { return nil }
        let status = unsafe elements.withUnsafeMutableBufferPointer { buffer in
            var view = unsafe gsl_matrix_view_array(buffer.baseAddress, width, width)
            return unsafe gsl_linalg_cholesky_decomp1(&view.matrix)
        }
        guard status == 0 else { return nil }
        for column in 0..<width {
            let own = elements[column * width + column]
            guard own * own > Self.smallestOwnShare * diagonal[column] else { return nil }
        }
    }

    /// The logarithm of the matrix's determinant.
    var logDeterminant: Double {
        var sum = 0.0
        for column in 0..<width { sum += log(elements[column * width + column]) }
        return 2 * sum
    }

    /// The vector that the matrix turns into another.
    func solve(_ vector: [Double]) -> [Double] {
        var vector = vector
        var elements = elements
        let width = width
        unsafe elements.withUnsafeMutableBufferPointer { factor in
            unsafe vector.withUnsafeMutableBufferPointer { values in
                let matrix = unsafe gsl_matrix_view_array(factor.baseAddress, width, width)
                var right = unsafe gsl_vector_view_array(values.baseAddress, width)
                unsafe withUnsafePointer(to: matrix.matrix) { pointer in
                    _ = unsafe gsl_linalg_cholesky_svx(pointer, &right.vector)
                }
            }
        }
        return vector
    }

    /// A column of the matrix's inverse.
    func inverseColumn(_ column: Int) -> [Double] {
        var unit = [Double](repeating: 0, count: width)
        unit[column] = 1
        return solve(unit)
    }
}

/// GSL's default is to end the program on an error; evaluated once, it hands out codes instead.
let gslReportsInsteadOfAborting: Bool = {
    unsafe gsl_set_error_handler_off()
    return true
}()
