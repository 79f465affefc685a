// SPDX-License-Identifier: GPL-3.0-or-later

/// An accelerometer part by its data sheet's numbers, and the range it is recorded with.
public struct SensorPart: Hashable, Sendable {
    /// The name that it is asked for by.
    public let name: String
    /// The noise of x, y and z in g/√Hz.
    let noiseDensity: Vector
    /// One step of its output in g, a whole number of the file's counts.
    let step: Double
    /// The largest acceleration, in g: 2, 4, 8 or 16.
    let range: Int
    /// How far from 0 an axis may read at 0 g, in g.
    let largestOffset: Double

    /// The g of one count of a 16-bit file.
    var count: Double { Double(range) / 32768 }
    /// The same for tests.
    package var gravityOfCount: Float { Float(count) }

    /// Analog Devices ADXL345 at ±16 g: 3.9 mg a step and noisy.
    public static let adxl345 = SensorPart(
        name: "adxl345", noiseDensity: Vector(290, 290, 430) * 1e-6, step: 8 * 16.0 / 32768, range: 16,
        largestOffset: 0.150)
    /// ST LIS3DH at ±4 g, 12 bits: 1.95 mg a step.
    public static let lis3dh = SensorPart(
        name: "lis3dh", noiseDensity: Vector(repeating: 220e-6), step: 16 * 4.0 / 32768, range: 4,
        largestOffset: 0.040)
    /// Bosch BMI160 at ±8 g, 16 bits: that of an Axivity AX6.
    public static let bmi160 = SensorPart(
        name: "bmi160", noiseDensity: Vector(repeating: 180e-6), step: 8.0 / 32768, range: 8, largestOffset: 0.040)
    /// Analog Devices ADXL355 at ±4 g, its 20 bits cut to the file's 16.
    public static let adxl355 = SensorPart(
        name: "adxl355", noiseDensity: Vector(repeating: 22.5e-6), step: 4.0 / 32768, range: 4,
        largestOffset: 0.025)

    /// The parts that can be simulated.
    public static let all = [adxl345, lis3dh, bmi160, adxl355]
}
