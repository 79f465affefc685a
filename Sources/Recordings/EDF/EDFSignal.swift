// SPDX-License-Identifier: GPL-3.0-or-later

/// One signal of an EDF or BDF file as its header describes it.
public struct EDFSignal: Hashable, Sendable {
    /// What it is called, such as `EMG LAT`.
    public var label: String
    /// The electrode or sensor.
    public var transducer: String
    /// The unit of the values.
    public var unit: String
    /// The filters before the recording, as the file words them.
    public var prefilter: String
    /// The value at ``digitalMinimum``, in ``unit``; it may be the larger one.
    public var physicalMinimum: Double
    /// The value at ``digitalMaximum``, in ``unit``.
    public var physicalMaximum: Double
    /// The least integer that is stored.
    public var digitalMinimum: Int
    /// The largest integer that is stored.
    public var digitalMaximum: Int
    /// The samples in each data record.
    public var samplesPerRecord: Int

    /// Whether the bytes are annotations, not samples.
    public var isAnnotations: Bool { label == "EDF Annotations" || label == "BDF Annotations" }

    /// The value of one digital step.
    ///
    /// 1 where the header's digital limits leave no room for a step: then the values are the stored integers.
    public var gain: Double {
        hasScale ? (physicalMaximum - physicalMinimum) / Double(digitalMaximum - digitalMinimum) : 1
    }
    /// The value at digital 0.
    public var offset: Double { hasScale ? physicalMinimum - Double(digitalMinimum) * gain : 0 }
    /// Whether the limits define a scale at all.
    var hasScale: Bool { digitalMaximum != digitalMinimum }
}
